namespace MrfAd.Engine.Metrics;

/// <summary>
/// The exact curve over the pixels of a test set, in memory that grows with the number of defective pixels only up to a limit, and never with that of the
/// ok ones. Only at the scores of defective pixels do other rates than the false-positive rate change: only these pixels are gathered and sorted;
/// ok pixels are counted between and at these scores, a sorted batch at a time. Where there are more defective pixels than the limit, ranges of scores are processed one by one.
/// </summary>
public static class PixelCurve
{
    /// <summary>Default maximum of defective pixels in memory at a time: 16 bytes each, and 20 for each distinct score.</summary>
    public const int MaxDefectsInMemory = 32_000_000;

    // Maximum of ok pixels in all workers' batches together: 8 bytes each with their scratch.
    private const int MaxOkInMemory = 32_000_000;
    private const int MaxBatch = 8_000_000;

    // Ranges of scores are chosen by the upper half of their keys: 128 steps an octave.
    private const int CoarseShift = 16;

    /// <param name="set">The name of the set in error messages.</param>
    /// <param name="limits">The false-positive rates up to which areas are computed; null takes <see cref="ScoreCurve.DefaultLimits"/>.</param>
    /// <exception cref="MetricException">There is no defective region or no ok pixel, or a map has another size than its mask.</exception>
    public static ScoreCurve Of(IPixelMaps maps, string set, IReadOnlyList<double>? limits = null, int maxDefectsInMemory = MaxDefectsInMemory, CancellationToken cancellation = default)
    {
        var firstRegion = new int[maps.Count + 1];
        var (ok, defects) = (0L, 0L);
        for (var i = 0; i < maps.Count; i++)
        {
            var regions = maps.Regions(i);
            firstRegion[i + 1] = firstRegion[i] + regions.Sizes.Count;
            defects += regions.DefectPixels;
            ok += regions.OkPixels;
        }

        if (defects == 0)
            throw new MetricException($"{set}: no mask marks a defective region, so there is nothing to find");
        if (ok == 0)
            throw new MetricException($"{set}: no ok pixel, so there can be no false positive");
        var pass = new Pass(maps, set, firstRegion, ok, cancellation);
        var curve = new ScoreCurve(ok, defects, limits);
        List<(uint Low, uint High)> ranges = defects <= maxDefectsInMemory ? [(0, uint.MaxValue)] : pass.Ranges(maxDefectsInMemory);
        foreach (var (low, high) in ranges)
            pass.Append(low, high, curve);
        curve.Close();
        return curve;
    }

    private sealed class Pass(IPixelMaps maps, string set, int[] firstRegion, long ok, CancellationToken cancellation)
    {
        private readonly int[] _sizes = [.. Enumerable.Range(0, maps.Count).SelectMany(i => maps.Regions(i).Sizes)];
        private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        private double _overlap;
        private long _false;
        private long _found;

        /// <summary>Returns ranges of keys in falling order, each with no more than the given number of defective pixels (or one coarse step).</summary>
        public List<(uint Low, uint High)> Ranges(int maxDefects)
        {
            var coarse = new long[1 << CoarseShift];
            Parallel.For(0, maps.Count, _parallel, i =>
            {
                var scores = Read(i);
                foreach (var (begin, end, region) in maps.Regions(i).Stretches())
                {
                    for (var at = begin; region >= 0 && at < end; at++)
                        Interlocked.Increment(ref coarse[RadixSort.Key(scores[at]) >> CoarseShift]);
                }
            });
            var ranges = new List<(uint Low, uint High)>();
            var (high, count) = (coarse.Length - 1, 0L);
            for (var step = coarse.Length - 1; step >= 0; step--)
            {
                if (count > 0 && count + coarse[step] > maxDefects)
                {
                    ranges.Add(((uint)(step + 1) << CoarseShift, ((uint)high << CoarseShift) | 0xFFFF));
                    (high, count) = (step, 0);
                }

                count += coarse[step];
            }

            ranges.Add((0, ((uint)high << CoarseShift) | 0xFFFF));
            return ranges;
        }

        /// <summary>Adds the points of all thresholds within a range of keys.</summary>
        public void Append(uint low, uint high, ScoreCurve curve)
        {
            var defects = Defects(low, high);
            var distinct = Distinct(defects);
            var (between, upon) = CountOk(low, high, distinct);
            var at = defects.Length;
            for (var i = distinct.Length - 1; i >= 0; i--)
            {
                _false += between[i + 1];
                curve.Append(_false, _found, _overlap);
                for (; at > 0 && (uint)(defects[at - 1] >> 32) == distinct[i]; at--)
                {
                    _overlap += 1.0 / _sizes[(int)(uint)defects[at - 1]] / _sizes.Length;
                    _found++;
                }

                _false += upon[i];
                curve.Append(_false, _found, _overlap);
            }

            _false += between[0];
        }

        /// <summary>Returns key and region of each defective pixel in the range, sorted by key.</summary>
        private ulong[] Defects(uint low, uint high)
        {
            var parts = new ulong[maps.Count][];
            Parallel.For(0, maps.Count, _parallel, i =>
            {
                var regions = maps.Regions(i);
                if (regions.DefectPixels == 0)
                {
                    parts[i] = [];
                    return;
                }

                var scores = Read(i);
                var part = new ulong[regions.DefectPixels];
                var count = 0;
                foreach (var (begin, end, region) in regions.Stretches())
                {
                    for (var at = begin; region >= 0 && at < end; at++)
                    {
                        var key = RadixSort.Key(scores[at]);
                        if (key >= low && key <= high)
                            part[count++] = ((ulong)key << 32) | (uint)(firstRegion[i] + region);
                    }
                }

                parts[i] = count == part.Length ? part : part[..count];
            });
            var all = new ulong[parts.Sum(p => (long)p.Length)];
            var next = 0;
            for (var i = 0; i < parts.Length; i++)
            {
                parts[i].CopyTo(all, next);
                next += parts[i].Length;
                parts[i] = [];
            }

            var sorted = new ulong[all.Length];
            RadixSort.Sort<ulong, RadixSort.UpperHalf>(all, sorted);
            return sorted;
        }

        private static uint[] Distinct(ulong[] sorted)
        {
            var count = 1;
            for (var i = 1; i < sorted.Length; i++)
                count += (uint)(sorted[i] >> 32) != (uint)(sorted[i - 1] >> 32) ? 1 : 0;
            var distinct = new uint[count];
            count = 0;
            for (var i = 0; i < sorted.Length; i++)
            {
                var key = (uint)(sorted[i] >> 32);
                if (i == 0 || key != distinct[count - 1])
                    distinct[count++] = key;
            }

            return distinct;
        }

        /// <returns>The number of ok pixels of the range strictly between each distinct score and the one before (the last entry: above all), and the number equal to each.</returns>
        private (long[] Between, long[] Upon) CountOk(uint low, uint high, uint[] distinct)
        {
            var (between, upon) = (new long[distinct.Length + 1], new long[distinct.Length]);
            var batch = (int)Math.Min(ok, Math.Clamp(MaxOkInMemory / Environment.ProcessorCount, 1 << 16, MaxBatch));
            Parallel.For(0, maps.Count, _parallel, () => new Batch(batch, keys => Merge(keys, distinct, between, upon)), (i, _, mine) =>
            {
                var scores = Read(i);
                foreach (var (begin, end, region) in maps.Regions(i).Stretches())
                {
                    if (region < 0)
                        mine.Add(scores[begin..end], low, high);
                }

                return mine;
            }, mine => mine.Flush());
            return (between, upon);
        }

        private static void Merge(ReadOnlySpan<uint> keys, uint[] distinct, long[] between, long[] upon)
        {
            lock (between)
            {
                var at = 0;
                for (var d = 0; d < distinct.Length && at < keys.Length; d++)
                {
                    var begin = at;
                    while (at < keys.Length && keys[at] < distinct[d])
                        at++;
                    between[d] += at - begin;
                    begin = at;
                    while (at < keys.Length && keys[at] == distinct[d])
                        at++;
                    upon[d] += at - begin;
                }

                between[^1] += keys.Length - at;
            }
        }

        private ReadOnlySpan<float> Read(int image)
        {
            var scores = maps.Read(image);
            var regions = maps.Regions(image);
            if (scores.Length != regions.Width * regions.Height)
                throw new MetricException($"{set}: image {image} has {scores.Length} scores, its mask {regions.Width}x{regions.Height} pixels");
            return scores;
        }
    }

    /// <summary>A batch of ok pixels of one worker that are to be counted.</summary>
    private sealed class Batch(int size, Batch.Count count)
    {
        private readonly uint[] _keys = new uint[size];
        private readonly uint[] _sorted = new uint[size];
        private int _count;

        public delegate void Count(ReadOnlySpan<uint> sorted);

        public void Add(ReadOnlySpan<float> scores, uint low, uint high)
        {
            while (!scores.IsEmpty)
            {
                var now = scores[..Math.Min(scores.Length, _keys.Length - _count)];
                var (keys, next) = (_keys, _count);
                foreach (var score in now)
                {
                    var key = RadixSort.Key(score);
                    keys[next] = key;
                    next += key >= low && key <= high ? 1 : 0;
                }

                _count = next;
                scores = scores[now.Length..];
                if (_count == _keys.Length)
                    Flush();
            }
        }

        public void Flush()
        {
            var sorted = _sorted.AsSpan(0, _count);
            RadixSort.Sort<uint, RadixSort.Itself>(_keys.AsSpan(0, _count), sorted);
            count(sorted);
            _count = 0;
        }
    }
}
