namespace MrfAd.Cli.Evaluation;

/// <summary>Some of a method's maps, fused: one row of a table.</summary>
/// <param name="Maps">Indices into the method's maps.</param>
public sealed record Variant(string Name, IReadOnlyList<int> Maps)
{
    /// <summary>All maps together; the row that the method stands for.</summary>
    public const string Fused = "all";

    /// <returns>
    /// All together; each scale and each layer alone; each pair (the paper's tables 3 and 8 and figure 5): what a set of maps allows, each
    /// combination once.
    /// </returns>
    public static IReadOnlyList<Variant> Of(IReadOnlyList<MapName> maps)
    {
        var variants = new List<Variant> { new(Fused, [.. Enumerable.Range(0, maps.Count)]) };
        var scales = maps.Select(m => m.Scale).Distinct().ToList();
        var layers = maps.Select(m => m.Layer).Distinct().ToList();
        if (scales.Count > 1)
            variants.AddRange(scales.Select(s => With(FormattableString.Invariant($"scale {s}"), m => m.Scale == s)));
        if (layers.Count > 1)
            variants.AddRange(layers.Select(l => With($"layer {l}", m => m.Layer == l)));
        if (scales.Count > 1 && layers.Count > 1)
            variants.AddRange(maps.Select(map => With(FormattableString.Invariant($"{map.Layer} at {map.Scale}"), m => m == map)));
        return variants;

        Variant With(string name, Func<MapName, bool> isOf) => new(name, [.. Enumerable.Range(0, maps.Count).Where(i => isOf(maps[i]))]);
    }

    /// <summary>Is it one scale with all layers?</summary>
    public bool IsScale => Name.StartsWith("scale ", StringComparison.Ordinal);

    /// <summary>Curves and maps of these are shown.</summary>
    public bool IsDrawn => IsScale || Name == Fused;
}
