using System.Runtime.InteropServices;

namespace MrfAd.Engine.Search;

/// <summary>
/// Finds the exact nearest row of a bank for each query (eq. 5). Every row is compared in the few dimensions of a
/// <see cref="Projection"/>, where no distance is longer than in all D; only rows that this bound does not rule out are compared in full.
/// ‖q−b‖² = ‖q‖² + ‖b‖² − 2q·b about the mean, so a row is ruled out where q·b − ‖b‖²/2 stays below a limit of the query's own: the
/// kernel of inner products decides all but a few rows in a thousand. Where the bound is weak (queries far from everything the
/// projection represents), the same is done with all D values. Rounding is on the safe side throughout (<see cref="Projection.Slack"/>).
/// </summary>
public sealed unsafe class ExactSearch : IRowSearch, IDisposable
{
    // One block of rows stays in the second-level cache, beside a panel of queries, while all panels are compared with it.
    private const int BlockBytes = 256 * 1024;

    // The number of coordinates after which a tile of rows is checked for being ruled out.
    private const int First = 16;

    private readonly BankRows _rows;
    private readonly Projection _projection;
    private readonly float* _projected;
    private readonly NativeFloats? _own;
    private readonly NativeFloats _residualNorms;

    /// <param name="rows">The rows, [N, D]; all three arguments must stay valid and unchanged as long as this object is used.</param>
    /// <param name="projection">A projection of vectors of D values.</param>
    /// <param name="projected">The projected rows, [N, Stride], as <see cref="Projection.ProjectRows"/> writes them.</param>
    public ExactSearch(BankRows rows, Projection projection, float* projected)
        : this(rows, projection, projected, null)
    {
    }

    private ExactSearch(BankRows rows, Projection projection, float* projected, NativeFloats? own)
    {
        (_rows, _projection, _own) = (rows, projection, own);
        _projected = projected;
        FirstCoordinates = projection.Components < 2 * First ? 0 : First; // with few coordinates the check costs as much as it saves
        _residualNorms = new NativeFloats(FirstCoordinates > 0 ? 2L * rows.Count : 0);
        for (var r = 0; r < rows.Count && FirstCoordinates > 0; r++)
            ResidualNorms(r, 1)[0] = new ResidualNorm(Residual(ProjectedRows(r, 1), 1), HalfNorm(r));
        BlockRows = Math.Max(PanelKernel.TileRows, BlockBytes / (projection.Stride * sizeof(float)) / PanelKernel.TileRows * PanelKernel.TileRows);
    }

    /// <summary>Creates a search with a projection of its own, found from the rows.</summary>
    /// <param name="rows">The rows, [N, D], finite; they must stay valid and unchanged as long as this object is used.</param>
    /// <param name="images">The image that each row is made of, [N]; empty where that is unknown.</param>
    public static ExactSearch Over(BankRows rows, ReadOnlySpan<int> images = default, int seed = 1)
    {
        var projection = PrincipalAxes.Find(rows, images, seed);
        return Over(rows, projection);
    }

    /// <summary>Creates a search that takes ownership of <paramref name="projection"/>.</summary>
    public static ExactSearch Over(BankRows rows, Projection projection)
    {
        var projected = new NativeFloats((long)rows.Count * projection.Stride);
        var block = 16 * PanelKernel.PanelQueries;
        Parallel.For(0, (rows.Count + block - 1) / block, b =>
            projection.ProjectRows(rows, b * block, Math.Min(rows.Count, (b + 1) * block), projected.Slice((long)b * block * projection.Stride, (Math.Min(rows.Count, (b + 1) * block) - (b * block)) * projection.Stride)));
        return new ExactSearch(rows, projection, projected.Start, projected);
    }

    /// <summary>The number of rows, N.</summary>
    public int Count => _rows.Count;

    /// <summary>The number of dimensions, D.</summary>
    public int Dimension => _rows.Dimension;

    public BankRows Rows => _rows;

    public Projection Projection => _projection;

    /// <summary>The projected rows, [N, Stride].</summary>
    public float* Projected => _projected;

    /// <summary>The number of coordinates that are compared first; 0 where all are compared at once.</summary>
    internal int FirstCoordinates { get; }

    /// <summary>The number of rows of a block, which stays in the cache while all panels are compared with it.</summary>
    internal int BlockRows { get; }

    /// <summary>
    /// Fills <paramref name="distances"/> with the L2 distance from each query to its nearest row, and <paramref name="indices"/> with
    /// that row. Nothing is allocated per query.
    /// </summary>
    /// <param name="queries">The queries, [Q, D] or [D, Q] as <paramref name="layout"/> says; where one is not finite, its distance is not finite either.</param>
    /// <param name="distances">The distances to fill, [Q], ≥ 0; they are bit-identical for any guesses and number of workers.</param>
    /// <param name="indices">
    /// The rows, [Q]. On entry: a guess for each query, or a negative number; a good guess (the same patch's answer in the last frame) saves time.
    /// On return: 0 ≤ index &lt; N; any one of several rows at the same distance.
    /// </param>
    /// <param name="scratch">The buffers and worker threads of the search, which one caller reuses between calls.</param>
    /// <param name="exclude">Rows that must not be the answer (those made of the query's own image).</param>
    /// <exception cref="ArgumentException">The lengths do not fit together, or every row is excluded.</exception>
    public void Search(
        ReadOnlySpan<float> queries, FeatureLayout layout, Span<float> distances, Span<int> indices, SearchScratch scratch, RowRange exclude = default) =>
        Search(queries, layout, distances, indices, scratch, exclude, SearchPass.Full);

    /// <param name="pass">The rows to compare with.</param>
    /// <inheritdoc cref="Search(ReadOnlySpan{float}, FeatureLayout, Span{float}, Span{int}, SearchScratch, RowRange)"/>
    public void Search(
        ReadOnlySpan<float> queries, FeatureLayout layout, Span<float> distances, Span<int> indices, SearchScratch scratch, RowRange exclude, SearchPass pass)
    {
        var q = distances.Length;
        if (queries.Length != (long)q * Dimension || indices.Length != q)
            throw new ArgumentException($"want {q}x{Dimension} queries and {q} indices, got {queries.Length} values and {indices.Length} indices");
        if (exclude.Count >= Count)
            throw new ArgumentException($"all {Count} rows are excluded: there is nothing to compare with");
        fixed (float* query = queries, distance = distances)
        fixed (int* index = indices)
            scratch.Run(new SearchJob(this, query, layout, q, distance, index, exclude, pass));
    }

    /// <summary>Returns projected rows <paramref name="first"/>, <paramref name="first"/> + <paramref name="step"/>, …; each begins step · Stride values after the one before.</summary>
    internal ReadOnlySpan<float> ProjectedRows(int first, int count, int step = 1) =>
        new(_projected + ((long)first * _projection.Stride), checked((((count - 1) * step) + 1) * _projection.Stride));

    /// <returns>The value (1 − slack)‖b − μ‖²/2 of a row b.</returns>
    internal float HalfNorm(int row) => _projected[((long)row * _projection.Stride) + _projection.Components + 1];

    /// <summary>Returns the residual norms of <paramref name="count"/> rows from <paramref name="first"/> on; there are none where <see cref="FirstCoordinates"/> is 0.</summary>
    internal Span<ResidualNorm> ResidualNorms(int first, int count) => MemoryMarshal.Cast<float, ResidualNorm>(_residualNorms.Slice(2L * first, 2 * count));

    /// <summary>Returns the length of a projected vector without its first coordinates, rounded up, so that the product of two such lengths bounds the product of the vectors' remaining parts.</summary>
    /// <param name="step">The stride from one coordinate to the next.</param>
    internal float Residual(ReadOnlySpan<float> projected, int step)
    {
        var squared = 0.0;
        for (var c = FirstCoordinates; c <= _projection.Components; c++)
            squared += (double)projected[c * step] * projected[c * step];
        return MathF.BitIncrement((float)Math.Sqrt(squared));
    }

    public void Dispose()
    {
        _residualNorms.Dispose();
        _own?.Dispose();
        if (_own is not null)
            _projection.Dispose();
    }
}
