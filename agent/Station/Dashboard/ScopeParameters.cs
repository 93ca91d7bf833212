using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace MrfAd.Station.Dashboard;

/// <summary>The scope of statistics in an address, for the description of the API.</summary>
internal sealed record ScopeParameters
{
    [FromQuery(Name = "from"), Description("The first time: 2026-11-29, 2026-11-29T06:00 (the plant's time zone) or 2026-11-29T06:00:00Z. Widened to quarters of an hour.")]
    public string? From { get; init; }

    [FromQuery(Name = "to"), Description("The time after the last one.")]
    public string? To { get; init; }

    [FromQuery(Name = "shift"), Description("One shift: 2026-11-29/early.")]
    public string? Shift { get; init; }

    [FromQuery(Name = "camera")]
    public string? Camera { get; init; }

    [FromQuery(Name = "product")]
    public string? Product { get; init; }
}
