namespace MrfAd.Cli.Evaluation;

/// <summary>One object in two runs, by the fused map.</summary>
/// <param name="Figures">The figures that both runs have.</param>
/// <param name="Better">Images with a better rank or AU-PRO than before, the largest change first.</param>
/// <param name="Worse">Images with a worse rank or AU-PRO than before, the largest change first.</param>
/// <param name="Same">Number of images without a noticeable change.</param>
/// <param name="Unmatched">Number of images that only one of the runs has.</param>
public sealed record ObjectChange(
    string Name, IReadOnlyList<FigureChange> Figures, IReadOnlyList<ImageChange> Better, IReadOnlyList<ImageChange> Worse, int Same, int Unmatched)
{
    // Smaller changes of rank and AU-PRO also come from another seed.
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
