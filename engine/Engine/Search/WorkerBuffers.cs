namespace MrfAd.Engine.Search;

/// <summary>The memory of one worker of a search; it grows to the largest call and is then reused.</summary>
internal sealed unsafe class WorkerBuffers : IDisposable
{
    // Enough for rows to arrive from memory while others are compared; few enough that limits are fresh.
    private const int MaxCandidates = 64;

    private readonly List<QueryPanel> _panels = [];
    private readonly NativeFloats _centred = new();
    private readonly NativeFloats _products = new((long)PanelKernel.TileRows * Width);
    private readonly NativeFloats _decodedRows = new();
    private readonly NativeFloats _fullLimits = new(Width);
    private int _dimension;

    /// <summary>Rows that wait for being compared exactly.</summary>
    public Candidate[] Candidates { get; } = new Candidate[MaxCandidates];

    /// <summary>[D, Width]: one panel's queries about the mean.</summary>
    public Span<float> Centred => new(_centred.Start, _dimension * Width);

    /// <summary>[TileRows, Width].</summary>
    public Span<float> Products => new(_products.Start, PanelKernel.TileRows * Width);

    /// <summary>[TileRows, D].</summary>
    public Span<float> DecodedRows => new(_decodedRows.Start, PanelKernel.TileRows * _dimension);

    /// <summary>[Width]: the limits of one panel for products with all D values of rows that still have the mean in them.</summary>
    public Span<float> FullLimits => new(_fullLimits.Start, Width);

    private static int Width => PanelKernel.PanelQueries;

    public QueryPanel Panel(int i) => _panels[i];

    /// <summary>Makes room for as many panels of queries of D = <paramref name="dimension"/> values, projected to <paramref name="projectedValues"/>.</summary>
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
