using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("One product of the station.")]
public sealed record ProductState
{
    [Length(1, StationTopics.MaxNameLength)]
    public required string Product { get; init; }

    [Description("The cameras for which it is the active one.")]
    public required IReadOnlyList<string> Cameras { get; init; }

    [Description("Its model is in memory; a part of one that is not waits while it is loaded.")]
    public required bool Loaded { get; init; }

    [Description("It has no model yet: its parts are collected to learn one from, and not judged.")]
    public bool Collecting { get; init; }

    [Description("Why its model cannot be opened; null where it can.")]
    public string? Problem { get; init; }
}
