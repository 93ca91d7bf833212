using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace MrfAd.Station.Dashboard;

/// <summary>The filters of an address, for the description of the API; they are read by the parser that the command line uses as well.</summary>
internal sealed record FilterParameters
{
    [FromQuery(Name = "from"), Description("The first time: 2026-11-29, 2026-11-29T06:00 (the plant's time zone) or 2026-11-29T06:00:00Z.")]
    public string? From { get; init; }

    [FromQuery(Name = "to"), Description("The time after the last one.")]
    public string? To { get; init; }

    [FromQuery(Name = "shift"), Description("A shift of every day (early), or of one (2026-11-29/early).")]
    public string? Shift { get; init; }

    [FromQuery(Name = "camera")]
    public string? Camera { get; init; }

    [FromQuery(Name = "product")]
    public string? Product { get; init; }

    [FromQuery(Name = "verdict"), Description("OK, NG, INVALID, TIMEOUT or COLLECTING")]
    public string? Verdict { get; init; }

    [FromQuery(Name = "cause"), Description("The cause of an INVALID image.")]
    public string? Cause { get; init; }

    [FromQuery(Name = "score_min")]
    public string? MinScore { get; init; }

    [FromQuery(Name = "score_max")]
    public string? MaxScore { get; init; }

    [FromQuery(Name = "bank"), Description("The version of the bank that judged.")]
    public string? Bank { get; init; }

    [FromQuery(Name = "serial")]
    public string? Serial { get; init; }

    [FromQuery(Name = "part"), Description("The id of the part that several views share.")]
    public string? Part { get; init; }

    [FromQuery(Name = "trigger"), Description("The trigger's id.")]
    public string? Trigger { get; init; }

    [FromQuery(Name = "label"), Description("The newest label: good, bad or unsure")]
    public string? Label { get; init; }
}
