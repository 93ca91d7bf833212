using MrfAd.Engine.Masks;

namespace MrfAd.Cli.Terminal;

/// <summary>Describes regions.</summary>
internal static class RegionsText
{
    /// <returns>One sentence for people, such as "regions: 1 inspect, 1 ignore, 1 named (label); 62 % of the image is inspected".</returns>
    public static string Describe(PartRegions regions)
    {
        var labels = new RegionLabels(regions);
        var inspected = 0;
        foreach (var label in labels.Labels)
            inspected += label == RegionLabels.Ignored ? 0 : 1;
        var kinds = regions.Regions.GroupBy(r => r.Kind).OrderBy(g => g.Key)
            .Select(g => $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}{(g.Key == RegionKind.Named ? $" ({string.Join(", ", g.Select(r => r.Name))})" : "")}");
        return FormattableString.Invariant($"regions: {string.Join(", ", kinds)}; {100.0 * inspected / labels.Labels.Length:0} % of the image is inspected");
    }
}
