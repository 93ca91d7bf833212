using MrfAd.Maker.Generator;

namespace MrfAd.Maker;

/// <summary>Fills a crop file with synthetic crops.</summary>
public static class Generated
{
    // The number of crops that are painted in parallel.
    private const int Batch = 64;

    /// <summary>Appends crops up to <paramref name="count"/>, including the <paramref name="before"/> crops of another kind at the beginning of the file.</summary>
    public static void AppendTo(CropFile file, int before, int count, int seed, Action<int> progress)
    {
        file.CutTo(file.Count);
        var crops = new byte[Batch][];
        for (var done = file.Count - before; done < count; done += Batch)
        {
            var next = done;
            var batch = Math.Min(Batch, count - done);
            Parallel.For(0, batch, i => Scene.Paint(seed + next + i, crops[i] ??= new byte[CropFile.Bytes]));
            foreach (var crop in crops[..batch])
                file.Add(crop);
            progress(done + batch);
        }
    }
}
