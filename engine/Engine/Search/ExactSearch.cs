namespace MrfAd.Engine.Search;

/// <summary>
/// The exact nearest row of a bank for each query (eq. 5), certified. Every row is compared in the few dimensions of a
/// <see cref="Projection"/>, where no distance is longer than in all D; only rows that this bound does not rule out are compared in full.
/// ‖q−b‖² = ‖q‖² + ‖b‖² − 2q·b about the mean, so a row is ruled out where q·b − ‖b‖²/2 stays below a limit of the query's own: the
/// kernel of inner products does all but a few rows in a thousand. Where the bound tells little (queries far from everything the
/// projection knows), the same is done with all D values. Rounding is on the safe side throughout (<see cref="Projection.Slack"/>).
/// </summary>
public sealed unsafe partial class ExactSearch : IRowSearch, IDisposable
{
    // One block of rows stays in the second-level cache, beside a panel of queries, while all panels pass by.
    private const int BlockBytes = 256 * 1024;

    // Coordinates after which it is asked whether a tile of rows can be left.
    private const int First = 16;

    private readonly BankRows _rows;
    private readonly Projection _projection;
    private readonly float* _projected;
    private readonly NativeFloats? _own;
    private readonly int _blockRows;
    private readonly int _first;
    private readonly NativeFloats? _rests;

    /// <param name="rows">[N, D]; all three stay valid and unchanged as long as this object is used.</param>
    /// <param name="projection">Of vectors of D values.</param>
    /// <param name="projected">[N, Stride], as <see cref="Projection.ProjectRows"/> writes them.</param>
    public ExactSearch(BankRows rows, Projection projection, float* projected)
        : this(rows, projection, projected, null)
    {
    }

    private ExactSearch(BankRows rows, Projection projection, float* projected, NativeFloats? own)
    {
        (_rows, _projection, _own) = (rows, projection, own);
        _projected = projected;
        _first = projection.Components < 2 * First ? 0 : First; // with few coordinates the question costs as much as it saves
        _rests = _first == 0 ? null : new NativeFloats(2L * rows.Count);
        for (var r = 0; r < rows.Count && _first > 0; r++)
        {
            var row = projected + ((long)r * projection.Stride);
            RowRests[r] = new RowRest(Rest(row, 1), row[projection.Components + 1]);
        }

        _blockRows = Math.Max(PanelKernel.TileRows, BlockBytes / (projection.Stride * sizeof(float)) / PanelKernel.TileRows * PanelKernel.TileRows);
    }

    /// <summary>A search with a projection of its own, found from the rows.</summary>
    /// <param name="rows">[N, D], finite; they stay valid and unchanged as long as this object is used.</param>
    /// <param name="images">[N]: which image each row is made of, or empty where that is unknown.</param>
    public static ExactSearch Over(BankRows rows, ReadOnlySpan<int> images = default, int seed = 1)
    {
        var projection = PrincipalAxes.Find(rows, images, seed);
        return Over(rows, projection);
    }

    /// <summary>A search that takes <paramref name="projection"/> as its own.</summary>
    public static ExactSearch Over(BankRows rows, Projection projection)
    {
        var projected = new NativeFloats((long)rows.Count * projection.Stride);
        var block = 16 * PanelKernel.PanelQueries;
        Parallel.For(0, (rows.Count + block - 1) / block, b =>
            projection.ProjectRows(rows, b * block, Math.Min(rows.Count, (b + 1) * block), projected.Start + ((long)b * block * projection.Stride)));
        return new ExactSearch(rows, projection, projected.Start, projected);
    }

    /// <summary>N.</summary>
    public int Count => _rows.Count;

    /// <summary>D.</summary>
    public int Dimension => _rows.Dimension;

    public BankRows Rows => _rows;

    public Projection Projection => _projection;

    /// <summary>[N, Stride].</summary>
    public float* Projected => _projected;

    /// <summary>
    /// Fills <paramref name="distances"/> with the L2 distance from each query to its nearest row, and <paramref name="indices"/> with
    /// that row. Nothing is allocated per query.
    /// </summary>
    /// <param name="queries">[Q, D] or [D, Q] as <paramref name="layout"/> says, finite: of others the distance is not finite either.</param>
    /// <param name="distances">[Q], ≥ 0; the same to the last bit whatever the guesses and the number of workers.</param>
    /// <param name="indices">
    /// [Q]. Before: a guess for each query, or anything below 0; a good one (the same patch's answer in the last frame) saves time.
    /// After: 0 ≤ index &lt; N; of several rows at the same distance any.
    /// </param>
    /// <param name="scratch">Reused between calls by one caller; its workers do the search.</param>
    /// <param name="exclude">Rows that must not be the answer (those made of the query's own image).</param>
    /// <exception cref="ArgumentException">Lengths do not fit, or every row is excluded.</exception>
    public void Search(
        ReadOnlySpan<float> queries, FeatureLayout layout, Span<float> distances, Span<int> indices, SearchScratch scratch, RowRange exclude = default)
    {
        var q = distances.Length;
        if (queries.Length != (long)q * Dimension || indices.Length != q)
            throw new ArgumentException($"want {q}x{Dimension} queries and {q} indices, got {queries.Length} values and {indices.Length} indices");
        if (exclude.Count >= Count)
            throw new ArgumentException($"all {Count} rows are excluded: there is nothing to compare with");
        fixed (float* query = queries, distance = distances)
        fixed (int* index = indices)
            scratch.Run(new Job(this, query, layout, q, distance, index, exclude));
    }

    /// <summary>[N]; none where <see cref="_first"/> is 0.</summary>
    private RowRest* RowRests => (RowRest*)_rests!.Start;

    /// <summary>The length of a projected vector without its first coordinates, rounded up: no product of two such parts is greater than that of their lengths.</summary>
    private float Rest(float* projected, int step)
    {
        var squared = 0.0;
        for (var c = _first; c <= _projection.Components; c++)
            squared += (double)projected[(long)c * step] * projected[(long)c * step];
        return MathF.BitIncrement((float)Math.Sqrt(squared));
    }

    public void Dispose()
    {
        _rests?.Dispose();
        _own?.Dispose();
        if (_own is not null)
            _projection.Dispose();
    }
}
