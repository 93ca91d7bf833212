namespace MrfAd.Engine.Search;

/// <summary>The memory of one worker of a search; it grows to the largest call and is then reused.</summary>
internal sealed unsafe class WorkerBuffers : IDisposable
{
    // Enough for rows to be prefetched while others are compared; few enough that limits are up to date.
    private const int MaxCandidates = 64;

    private readonly List<QueryPanel> _panels = [];
    private readonly NativeFloats _centred = new();
    private readonly NativeFloats _products = new((long)PanelKernel.TileRows * Width);
    private readonly NativeFloats _decodedRows = new();
    private readonly NativeFloats _fullLimits = new(Width);
    private int _dimension;

    /// <summary>The rows that are queued for an exact comparison.</summary>
    public Candidate[] Candidates { get; } = new Candidate[MaxCandidates];

    /// <summary>One panel's queries minus the mean, [D, Width].</summary>
    public Span<float> Centred => new(_centred.Start, _dimension * Width);

    /// <summary>The products of a tile, [TileRows, Width].</summary>
    public Span<float> Products => new(_products.Start, PanelKernel.TileRows * Width);

    /// <summary>The rows of a tile as fp32, [TileRows, D].</summary>
    public Span<float> DecodedRows => new(_decodedRows.Start, PanelKernel.TileRows * _dimension);

    /// <summary>The limits of one panel for products with all D values of rows from which the mean is not subtracted, [Width].</summary>
    public Span<float> FullLimits => new(_fullLimits.Start, Width);

    private static int Width => PanelKernel.PanelQueries;

    public QueryPanel Panel(int i) => _panels[i];

    /// <summary>Allocates buffers for this number of panels of queries of D = <paramref name="dimension"/> values, projected to <paramref name="projectedValues"/>.</summary>
    public void Require(int panels, int dimension, int projectedValues)
    {
        _dimension = dimension;
        _centred.Require((long)dimension * Width);
        _decodedRows.Require((long)PanelKernel.TileRows * dimension);
        while (_panels.Count < panels)
            _panels.Add(new QueryPanel());
        for (var i = 0; i < panels; i++)
            _panels[i].Require(dimension, projectedValues);
    }

    public void Dispose()
    {
        _panels.ForEach(panel => panel.Dispose());
        _centred.Dispose();
        _products.Dispose();
        _decodedRows.Dispose();
        _fullLimits.Dispose();
    }
}
