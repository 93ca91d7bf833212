namespace MrfAd.Engine.Search;

/// <summary>
/// Finds the axes along which a bank's rows vary most, by orthogonal iteration on a sample of them, and how many of these axes make its
/// searches cheapest.
/// </summary>
internal static unsafe class PrincipalAxes
{
    // Rows that stand for all. The subspace need not be the best one: any orthonormal axes give a valid bound.
    private const int Sample = 4096;

    // Each turn shrinks what is not wanted by the ratio of the eigenvalues.
    private const int Turns = 6;

    // Queries that stand for all, and images that stand between a query and the rows it is compared with.
    private const int Probes = 96;

    // A row that cannot be ruled out costs as many multiply-adds of the kernel as these and 8 for each value: half of that as measured on good
    // patches, twice because defects, of which nothing is known here, leave many more rows.
    private const int CandidateCost = 12_000;

    // The counts of axes to choose from: with their two further values, rows fill whole cache lines.
    private static readonly int[] Choices = [0, 14, 30, 46, 62, 94, 126, 190, Projection.MostComponents];

    /// <param name="rows">[N, D].</param>
    /// <param name="images">[N]: which image each row is made of, or empty. A query will never come from a row's own image.</param>
    /// <param name="seed">Of the first axes, which are random.</param>
    public static Projection Find(BankRows rows, ReadOnlySpan<int> images, int seed)
    {
        var d = rows.Dimension;
        var count = Math.Min(Sample, rows.Count);
        var chosen = Enumerable.Range(0, count).Select(i => (int)((long)i * rows.Count / count)).ToArray();
        var mean = Mean(rows, chosen);
        var most = Choices.Last(c => c <= Math.Min(d / 2, count / 2));
        if (most == 0)
            return Projection.Of(mean, []);

        using var centred = new NativeFloats((long)count * d);
        var room = new float[d];
        fixed (float* place = room)
        {
            for (var i = 0; i < count; i++)
            {
                var row = rows.Get(chosen[i], place);
                for (var k = 0; k < d; k++)
                    centred.Start[((long)i * d) + k] = row[k] - mean[k];
            }
        }

        var axes = Iterate(centred.Start, count, d, most, new Random(seed));
        var groups = new int[count];
        for (var i = 0; i < count; i++)
            groups[i] = images.IsEmpty ? i : images[chosen[i]];
        var components = Cheapest(centred.Start, count, d, axes, most, groups);
        return Projection.Of(mean, axes.AsSpan(0, components * d));
    }

    /// <returns>[p, D]: orthonormal, each direction equally likely.</returns>
    public static float[] Random(int p, int d, Random random)
    {
        var axes = Enumerable.Range(0, p).Select(_ => Gaussian(d, random)).ToArray();
        Orthonormalise(axes, random);
        return [.. axes.SelectMany(axis => axis.Select(v => (float)v))];
    }

    /// <summary>A row that cannot be ruled out costs so many multiply-adds of the kernel.</summary>
    internal static int CostOfCandidate(int dimension) => CandidateCost + (8 * dimension);

    private static float[] Mean(BankRows rows, int[] chosen)
    {
        var sum = new double[rows.Dimension];
        fixed (float* room = new float[rows.Dimension])
        {
            foreach (var i in chosen)
            {
                var row = rows.Get(i, room);
                for (var k = 0; k < sum.Length; k++)
                    sum[k] += row[k];
            }
        }

        return [.. sum.Select(s => (float)(s / chosen.Length))];
    }

    /// <returns>[p, D]: orthonormal, the axis of the greatest variance first.</returns>
    private static float[] Iterate(float* x, int count, int d, int p, Random random)
    {
        var width = PanelKernel.PanelQueries;
        var panels = (p + width - 1) / width;
        using var memory = new NativeFloats(((long)count * d) + ((long)panels * width * (d + count)));
        var transposed = memory.Start;
        var y = transposed + ((long)count * d);         // [panels, D, width]: the axes as columns
        var z = y + ((long)panels * width * d);         // [panels, count, width]: what the rows are on them
        for (var i = 0; i < count; i++)
        {
            for (var k = 0; k < d; k++)
                transposed[((long)k * count) + i] = x[((long)i * d) + k];
        }

        var axes = new double[p][];
        for (var a = 0; a < p; a++)
            axes[a] = Gaussian(d, random);
        for (var turn = 0; ; turn++)
        {
            Orthonormalise(axes, random);
            new Span<float>(y, panels * width * d).Clear();
            for (var a = 0; a < p; a++)
            {
                for (var k = 0; k < d; k++)
                    y[((((long)(a / width) * d) + k) * width) + (a % width)] = (float)axes[a][k];
            }

            for (var panel = 0; panel < panels; panel++)
                Multiply(x, count, d, y + ((long)panel * d * width), z + ((long)panel * count * width));
            if (turn == Turns)
                break;
            for (var panel = 0; panel < panels; panel++)
                Multiply(transposed, d, count, z + ((long)panel * count * width), y + ((long)panel * d * width));
            for (var a = 0; a < p; a++)
            {
                for (var k = 0; k < d; k++)
                    axes[a][k] = y[((((long)(a / width) * d) + k) * width) + (a % width)];
            }
        }

        var variances = new double[p];
        for (var a = 0; a < p; a++)
        {
            for (var i = 0; i < count; i++)
                variances[a] += Math.Pow(z[((((long)(a / width) * count) + i) * width) + (a % width)], 2);
        }

        return [.. Enumerable.Range(0, p).OrderByDescending(a => variances[a]).SelectMany(a => axes[a].Select(v => (float)v))];
    }

    /// <summary>target [rows, width] = matrix [rows, columns] · panel [columns, width].</summary>
    private static void Multiply(float* matrix, int rows, int columns, float* panel, float* target)
    {
        var (width, tile) = (PanelKernel.PanelQueries, PanelKernel.TileRows);
        Parallel.For(0, (rows + tile - 1) / tile, t =>
        {
            var products = stackalloc float[8 * PanelKernel.MostQueries];
            var valid = Math.Min(tile, rows - (t * tile));
            PanelKernel.Multiply(panel, matrix + ((long)t * tile * columns), columns, valid, columns, products);
            new Span<float>(products, valid * width).CopyTo(new Span<float>(target + ((long)t * tile * width), valid * width));
        });
    }

    /// <summary>Gram and Schmidt, twice; an axis with nothing of its own left becomes a random one.</summary>
    private static void Orthonormalise(double[][] axes, Random random)
    {
        for (var a = 0; a < axes.Length; a++)
        {
            var axis = axes[a];
            for (var turn = 0; turn < 2; turn++)
            {
                var before = Math.Sqrt(Dot(axis, axis));
                for (var other = 0; other < a; other++)
                {
                    var share = Dot(axis, axes[other]);
                    for (var k = 0; k < axis.Length; k++)
                        axis[k] -= share * axes[other][k];
                }

                var length = Math.Sqrt(Dot(axis, axis));
                if (length <= 1e-9 * before || length < 1e-150)
                {
                    for (var k = 0; k < axis.Length; k++)
                        axis[k] = random.NextDouble() - 0.5;
                    turn = -1;
                    continue;
                }

                for (var k = 0; k < axis.Length; k++)
                    axis[k] /= length;
            }
        }
    }

    private static double[] Gaussian(int d, Random random) =>
        [.. Enumerable.Range(0, d).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];

    private static double Dot(double[] a, double[] b)
    {
        var sum = System.Numerics.Vector<double>.Zero;
        var k = 0;
        for (; k <= a.Length - System.Numerics.Vector<double>.Count; k += System.Numerics.Vector<double>.Count)
            sum += new System.Numerics.Vector<double>(a, k) * new System.Numerics.Vector<double>(b, k);
        var total = System.Numerics.Vector.Sum(sum);
        for (; k < a.Length; k++)
            total += a[k] * b[k];
        return total;
    }

    /// <summary>Of the counts on offer, the one for which the kernel's work and that on the rows it cannot rule out are least.</summary>
    /// <param name="x">[count, D] about the mean.</param>
    /// <param name="axes">[most, D].</param>
    private static int Cheapest(float* x, int count, int d, float[] axes, int most, int[] groups)
    {
        var coordinates = new float[count][];
        var norms = new float[count];
        fixed (float* p = axes)
        {
            var axesPointer = p;
            Parallel.For(0, count, i =>
            {
                var row = x + ((long)i * d);
                coordinates[i] = [.. Enumerable.Range(0, most).Select(a => Dot(row, axesPointer + ((long)a * d), d))];
                norms[i] = Dot(row, row, d);
            });
        }

        var choices = Choices.Where(c => c <= most).ToArray();
        var candidates = new long[choices.Length];
        var pairs = 0L;
        Parallel.For(0, Math.Min(Probes, count), probe =>
        {
            var query = (int)((long)probe * count / Math.Min(Probes, count));
            var others = Enumerable.Range(0, count).Where(i => groups[i] != groups[query]).ToArray();
            if (others.Length == 0)
                return;
            var nearest = others.Min(i => norms[query] + norms[i] - (2 * Dot(x + ((long)query * d), x + ((long)i * d), d)));
            Interlocked.Add(ref pairs, others.Length);
            foreach (var i in others)
            {
                var (squared, queryLeft, left, from) = (0f, norms[query], norms[i], 0);
                for (var c = 0; c < choices.Length; c++)
                {
                    for (; from < choices[c]; from++)
                    {
                        var (u, v) = (coordinates[query][from], coordinates[i][from]);
                        squared += (u - v) * (u - v);
                        (queryLeft, left) = (queryLeft - (u * u), left - (v * v));
                    }

                    var rest = MathF.Sqrt(Math.Max(0, queryLeft)) - MathF.Sqrt(Math.Max(0, left));
                    if (squared + (rest * rest) < nearest)
                        Interlocked.Increment(ref candidates[c]);
                }
            }
        });
        if (pairs == 0)
            return choices[^1];

        // At worst every row is compared in full, as it is with no axes at all.
        double Cost(int c) => Math.Min(choices[c] + 1 + ((double)candidates[c] / pairs * CostOfCandidate(d)), choices[c] + 1 + d);
        return choices[Enumerable.Range(0, choices.Length).MinBy(Cost)];
    }

    /// <returns>a·b of n values.</returns>
    internal static float Dot(float* a, float* b, int n)
    {
        var sum = System.Runtime.Intrinsics.Vector256<float>.Zero;
        var k = 0;
        for (; k <= n - 8; k += 8)
            sum = System.Runtime.Intrinsics.Vector256.MultiplyAddEstimate(System.Runtime.Intrinsics.Vector256.Load(a + k), System.Runtime.Intrinsics.Vector256.Load(b + k), sum);
        var total = System.Runtime.Intrinsics.Vector256.Sum(sum);
        for (; k < n; k++)
            total += a[k] * b[k];
        return total;
    }
}
