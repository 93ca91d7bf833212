namespace MrfAd.Cli.Evaluation;

/// <summary>One object in two runs, by the fused map.</summary>
/// <param name="Figures">Those that both have.</param>
/// <param name="Better">Images told apart or localised better than before, the most first.</param>
/// <param name="Worse">The same for worse.</param>
/// <param name="Same">Images that changed by nothing to speak of.</param>
/// <param name="Unmatched">Images that only one of the runs has.</param>
public sealed record ObjectChange(
    string Name, IReadOnlyList<FigureChange> Figures, IReadOnlyList<ImageChange> Better, IReadOnlyList<ImageChange> Worse, int Same, int Unmatched)
{
    // A change of rank or AU-PRO below this is noise of a seed.
    private const double Noticeable = 0.005;

    public static ObjectChange Of(ObjectResult before, ObjectResult now)
    {
        var old = before.Images.ToDictionary(i => i.Name);
        var changes = now.Images.Where(i => old.ContainsKey(i.Name)).Select(i => ImageChange.Of(old[i.Name], before.ImageThreshold, i, now.ImageThreshold)).ToList();
        return new ObjectChange(
            now.Name,
            [.. from f in Figure.All
                where before.Fused.Figures.ContainsKey(f.Key) && now.Fused.Figures.ContainsKey(f.Key)
                select new FigureChange(f.Key, before.Fused.Figures[f.Key], now.Fused.Figures[f.Key])],
            [.. changes.Where(c => c.Change > Noticeable).OrderByDescending(c => c.Change)],
            [.. changes.Where(c => c.Change < -Noticeable).OrderBy(c => c.Change)],
            changes.Count(c => Math.Abs(c.Change) <= Noticeable),
            before.Images.Count + now.Images.Count - (2 * changes.Count));
    }
}
