using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

[Description("A polygon that is drawn over a part.")]
public sealed record RegionShape
{
    /// <summary>The kinds of regions.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<Kinds>))]
    public enum Kinds
    {
        /// <summary>Only such regions, and named ones, are inspected.</summary>
        [JsonStringEnumMemberName("inspect")] Inspect,

        /// <summary>Nothing in it is inspected.</summary>
        [JsonStringEnumMemberName("ignore")] Ignore,

        /// <summary>Defects in it carry its name.</summary>
        [JsonStringEnumMemberName("named")] Named,
    }

    [Description("Its name, needed for the kind named; each region has another one.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Name { get; init; }

    [Description("inspect: only such regions, and named ones, are inspected. ignore: nothing in it is inspected, whatever lies over it. named: defects in it carry its name.")]
    public required Kinds Kind { get; init; }

    [Description("The score from which on a pixel in a named region is defective; absent or null for the threshold of the whole part.")]
    public float? Threshold { get; init; }

    [Description("The least number of connected pixels that are a defect in a named region; absent or null for 1.")]
    [Range(1, int.MaxValue)]
    public int? MinAreaPx { get; init; }

    [Description("The corners in order, each x and y in px from the image's top left corner.")]
    [Length(3, 200)]
    public required IReadOnlyList<IReadOnlyList<double>> Points { get; init; }
}
