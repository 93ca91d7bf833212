using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/collect</c>.</summary>
[Description("For a camera or product that has no model yet (collect): says which of the collected parts are good, and lets the station learn the first model from those. Of several fields, 'good' comes first and 'learn' last. The reply comes at once; the model judges when the topic bank says so.")]
public sealed record CollectCommand
{
    /// <summary>The largest number of parts in one command.</summary>
    public const int MaxVerdicts = 1000;

    [Description("The camera that it is for; needed where the station has several.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Camera { get; init; }

    [Description("The product that it is for; needed where the station has products.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Product { get; init; }

    [Description("The ids of COLLECTING verdicts on good parts, whose frames are to be learned.")]
    [Length(1, MaxVerdicts)]
    public IReadOnlyList<Guid>? Good { get; init; }

    [Description("The ids of COLLECTING verdicts whose frames are not to be learned after all.")]
    [Length(1, MaxVerdicts)]
    public IReadOnlyList<Guid>? NotGood { get; init; }

    [Description("Learns the first model from all good parts, in the background.")]
    public bool Learn { get; init; }
}
