namespace MrfAd.Engine.Search;

/// <summary>
/// Greedy k-centre selection (PatchCore, Roth et al. 2022, algorithm 1): always the row farthest from all rows chosen so far, measured in a
/// random projection. The greedy order is exact, but found in batches: distances only shrink, so as long as the farthest of a
/// small front of rows is at least as far as anything outside it was, it is the farthest of all; only when it is not, all rows are
/// compared with the batch of new centres, in one matrix product.
/// </summary>
public static class Coreset
{
    // Random axes: by Johnson and Lindenstrauss distances of a million rows keep within a few per cent.
    private const int Axes = 126;

    // The number of rows in the front.
    private const int Front = 4096;

    /// <param name="rows">The rows to choose from, [N, D].</param>
    /// <param name="keep">The number of rows to choose, 1 to N.</param>
    /// <param name="progress">Called with the number of rows chosen so far.</param>
    /// <returns>The indices of the chosen rows, in rising order.</returns>
    public static int[] Choose(BankRows rows, int keep, int seed, Action<int>? progress, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keep, rows.Count);
        var random = new Random(seed);
        using var points = Points.Of(rows, Math.Min(Axes, rows.Dimension), random);
        var chosen = new List<int>(keep) { random.Next(rows.Count) };
        var distances = new float[rows.Count];
        Array.Fill(distances, float.PositiveInfinity);
        distances[chosen[0]] = -1; // −1 marks chosen rows
        var order = new int[rows.Count];
        for (var done = 0; chosen.Count < keep;)
        {
            cancellation.ThrowIfCancellationRequested();
            points.Shrink(distances, chosen, done);
            done = chosen.Count;
            var front = Farthest(distances, order);
            var outside = front.Length == rows.Count ? float.NegativeInfinity : order.Skip(front.Length).Take(1).Select(i => distances[i]).Single();
            points.ChooseFrom(front, distances, outside, chosen, keep);
            progress?.Invoke(chosen.Count);
        }

        chosen.Sort();
        return [.. chosen];
    }

    /// <returns>The rows with the greatest distances, as many as the front holds; the next farthest stands behind them in <paramref name="order"/>.</returns>
    private static int[] Farthest(float[] distances, int[] order)
    {
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        if (order.Length <= Front)
            return order;

        // Quickselect, the greatest first, for the place just behind the front.
        var (low, high, place) = (0, order.Length - 1, Front);
        while (low < high)
        {
            var pivot = distances[order[(low + high) / 2]];
            var (i, j) = (low, high);
            while (i <= j)
            {
                while (distances[order[i]] > pivot)
                    i++;
                while (distances[order[j]] < pivot)
                    j--;
                if (i <= j)
                {
                    (order[i], order[j]) = (order[j], order[i]);
                    (i, j) = (i + 1, j - 1);
                }
            }

            if (place <= j)
                high = j;
            else if (place >= i)
                low = i;
            else
                break;
        }

        return order[..Front];
    }

    /// <summary>The randomly projected rows, [N, P], and half their squared norms.</summary>
    private sealed class Points : IDisposable
    {
        private readonly int _count;
        private readonly int _axes;
        private readonly NativeFloats _values;
        private readonly float[] _halfNorms;

        private Points(int count, int axes)
        {
            (_count, _axes) = (count, axes);
            _values = new NativeFloats((long)count * axes);
            _halfNorms = new float[count];
        }

        public static Points Of(BankRows rows, int axes, Random random)
        {
            var points = new Points(rows.Count, axes);
            using var projection = Projection.Of(new float[rows.Dimension], SubspaceIteration.Random(axes, rows.Dimension, random));
            var block = 8 * PanelKernel.PanelQueries;
            Parallel.For(0, (rows.Count + block - 1) / block, b =>
            {
                var (first, end) = (b * block, Math.Min(rows.Count, (b + 1) * block));
                using var projected = new NativeFloats((long)block * projection.Stride);
                projection.ProjectRows(rows, first, end, projected.Slice(0, (end - first) * projection.Stride));
                for (var i = first; i < end; i++)
                {
                    var point = projected.Slice((long)(i - first) * projection.Stride, axes);
                    point.CopyTo(points.At(i));
                    foreach (var value in point)
                        points._halfNorms[i] += 0.5f * value * value;
                }
            });
            return points;
        }

        /// <summary>Lowers every row's squared distance to that of the nearest of the centres from <paramref name="done"/> on.</summary>
        public void Shrink(float[] distances, List<int> centres, int done)
        {
            var (width, tile) = (PanelKernel.PanelQueries, PanelKernel.TileRows);
            using var memory = new NativeFloats((long)width * (_axes + 1));
            for (var from = done; from < centres.Count; from += width)
            {
                Gather(centres, from, memory);
                const int Part = 1024;
                Parallel.For(0, (_count + Part - 1) / Part, part =>
                {
                    Span<float> products = stackalloc float[PanelKernel.MaxTileRows * PanelKernel.MaxPanelQueries];
                    var panel = memory.Slice(0, width * _axes);
                    var half = memory.Slice((long)width * _axes, width);
                    for (var row = part * Part; row < Math.Min(_count, (part + 1) * Part); row += tile)
                    {
                        var valid = Math.Min(tile, _count - row);
                        PanelKernel.Multiply(panel, _values.Slice((long)row * _axes, valid * _axes), _axes, valid, _axes, products);
                        for (var i = 0; i < valid; i++)
                        {
                            var squared = 2 * (_halfNorms[row + i] - PanelKernel.MaxDifference(products.Slice(i * width, width), half));
                            distances[row + i] = Math.Min(distances[row + i], Math.Max(0, squared));
                        }
                    }
                });
            }
        }

        /// <summary>Chooses the farthest row of the front repeatedly, until a row outside the front might be farther.</summary>
        public void ChooseFrom(int[] front, float[] distances, float outside, List<int> chosen, int keep)
        {
            var left = front.Select(i => distances[i]).ToArray();
            while (chosen.Count < keep)
            {
                var at = 0;
                for (var i = 1; i < left.Length; i++)
                {
                    if (left[i] > left[at])
                        at = i;
                }

                if (left[at] < outside || left[at] < 0)
                    return;
                chosen.Add(front[at]);
                left[at] = -1; // chosen
                distances[front[at]] = -1;
                for (var i = 0; i < left.Length; i++)
                {
                    if (left[i] > 0)
                        left[i] = Math.Min(left[i], 2 * Math.Max(0, _halfNorms[front[i]] + _halfNorms[front[at]] - PanelKernel.Dot(At(front[i]), At(front[at]))));
                }
            }
        }

        public void Dispose() => _values.Dispose();

        /// <summary>Copies the centres from <paramref name="from"/> on into a panel [P, width], and half their squared norms behind it; those past the end repeat the last one.</summary>
        private void Gather(List<int> centres, int from, NativeFloats memory)
        {
            var width = PanelKernel.PanelQueries;
            var panel = memory.Slice(0, width * _axes);
            var half = memory.Slice((long)width * _axes, width);
            for (var i = 0; i < width; i++)
            {
                var centre = centres[Math.Min(from + i, centres.Count - 1)];
                half[i] = _halfNorms[centre];
                var point = At(centre);
                for (var k = 0; k < _axes; k++)
                    panel[(k * width) + i] = point[k];
            }
        }

        private Span<float> At(int row) => _values.Slice((long)row * _axes, _axes);
    }
}
