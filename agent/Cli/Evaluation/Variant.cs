namespace MrfAd.Cli.Evaluation;

/// <summary>A subset of a method's maps that are fused: one row of a table.</summary>
/// <param name="Maps">Indices into the method's maps.</param>
public sealed record Variant(string Name, IReadOnlyList<int> Maps)
{
    /// <summary>Name of the variant of all maps, which is the method's result.</summary>
    public const string Fused = "all";

    /// <returns>
    /// All maps; each scale and each layer alone; each pair of scale and layer (the paper's tables 3 and 8 and figure 5); each shape of features alone, and each two of more; as far as the maps
    /// allow, without duplicates.
    /// </returns>
    public static IReadOnlyList<Variant> Of(IReadOnlyList<MapName> maps)
    {
        var variants = new List<Variant> { new(Fused, [.. Enumerable.Range(0, maps.Count)]) };
        var scales = maps.Select(m => m.Scale).Distinct().ToList();
        var layers = maps.Select(m => m.Layer).Distinct().ToList();
        var shapes = maps.Select(m => m.Shape).Distinct().ToList();
        if (scales.Count > 1)
            variants.AddRange(scales.Select(s => With(FormattableString.Invariant($"scale {s}"), m => m.Scale == s)));
        if (layers.Count > 1)
            variants.AddRange(layers.Select(l => With($"layer {l}", m => m.Layer == l)));
        if (scales.Count > 1 && layers.Count > 1)
            variants.AddRange(maps.Select(m => (m.Layer, m.Scale)).Distinct().Select(pair => With(FormattableString.Invariant($"{pair.Layer} at {pair.Scale}"), m => (m.Layer, m.Scale) == pair)));
        if (shapes.Count > 1)
            variants.AddRange(shapes.Select(s => With($"shape {s}", m => m.Shape == s)));
        if (shapes.Count > 2)
            variants.AddRange(from a in shapes from b in shapes.Skip(shapes.IndexOf(a) + 1) select With($"shapes {a} and {b}", m => m.Shape == a || m.Shape == b));
        return variants;

        Variant With(string name, Func<MapName, bool> isOf) => new(name, [.. Enumerable.Range(0, maps.Count).Where(i => isOf(maps[i]))]);
    }

    /// <summary>True for a single scale with all its layers.</summary>
    public bool IsScale => Name.StartsWith("scale ", StringComparison.Ordinal);

    /// <summary>True if the report shows the curves and maps of this variant.</summary>
    public bool IsDrawn => IsScale || Name == Fused;
}
