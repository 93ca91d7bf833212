namespace MrfAd.Engine.Features;

/// <summary>One way to make the map of a part from the same features, which learning may try.</summary>
/// <param name="Shapes"><see cref="MrfAdOptions.Shapes"/>.</param>
/// <param name="LevelMaps"><see cref="MrfAdOptions.LevelMaps"/>.</param>
public sealed record MapCandidate(IReadOnlyList<FeatureShape> Shapes, bool LevelMaps)
{
    private static readonly FeatureShape Unit = FeatureShape.Parse("unit"), Whitened = FeatureShape.Parse("pool3+w96");

    /// <summary>The paper's map, and those that were better than it on some object (docs/evaluation.md).</summary>
    public static IReadOnlyList<MapCandidate> All { get; } =
    [
        new([FeatureShape.Plain], false),
        new([FeatureShape.Plain], true),
        new([Unit], true),
        new([Whitened], true),
        new([FeatureShape.Plain, Unit], true),
        new([FeatureShape.Plain, Whitened], true),
        new([Unit, Whitened], true),
        new([FeatureShape.Plain, Unit, Whitened], true),
    ];

    /// <summary>The name, such as "plain and unit, levelled".</summary>
    public string Name => $"{string.Join(" and ", Shapes.Select(s => s.Name))}{(LevelMaps ? ", levelled" : "")}";
}
