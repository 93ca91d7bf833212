using MrfAd.Maker.Generator;

namespace MrfAd.Maker;

/// <summary>Crops that our own generator paints.</summary>
public static class Generated
{
    // So many are painted at once.
    private const int Batch = 64;

    /// <summary>Appends crops up to <paramref name="count"/>, of which the file holds <paramref name="before"/> that are of another kind.</summary>
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
