using MrfAd.Engine.Banks;

namespace MrfAd.Engine.Learning;

/// <summary>Measures the level of each branch's map on held-out good images: the mean distance of the patches that were searched.</summary>
internal sealed class BranchLevels(int branches)
{
    private readonly double[] _sums = new double[branches];
    private readonly long[] _counts = new long[branches];
    private int _images;

    /// <summary>Adds the maps of an image.</summary>
    /// <param name="nearest">The nearest row of each patch; −1 where none was searched.</param>
    public void Add(IReadOnlyList<float[]> maps, IReadOnlyList<int[]> nearest)
    {
        _images++;
        for (var b = 0; b < _sums.Length; b++)
        {
            for (var p = 0; p < maps[b].Length; p++)
                (_sums[b], _counts[b]) = nearest[b][p] < 0 ? (_sums[b], _counts[b]) : (_sums[b] + maps[b][p], _counts[b] + 1);
        }
    }

    /// <summary>Computes the factors that give the maps of some branches one level: the mean level of all of them, divided by each one's.</summary>
    /// <exception cref="LearnException">A map is 0 everywhere.</exception>
    public IReadOnlyList<float> Weights(IReadOnlyList<int> of)
    {
        double[] levels = [.. of.Select(b => _sums[b] / Math.Max(1, _counts[b]))];
        if (Array.FindIndex(levels, level => !(level > 0)) is >= 0 and var flat)
            throw new LearnException($"the level of branch {of[flat]} cannot be measured: its map is 0 on all {_images} held-out images");
        return [.. levels.Select(level => (float)(levels.Average() / level))];
    }
}
