namespace MrfAd.Benchmarks.Gpu;

/// <summary>One encoder on one provider at the size of one view.</summary>
/// <param name="Size">HEIGHTxWIDTH, px.</param>
/// <param name="Ms">Median of a run, features left where they are computed.</param>
/// <param name="ReadMs">Median of a run whose features are read back.</param>
/// <param name="NodesElsewhere">Nodes of the graph that another provider ran.</param>
/// <param name="Parity">The worst of the layers.</param>
public sealed record ViewResult(string Encoder, double Scale, string Size, string Provider, double LoadMs, double Ms, double ReadMs, int NodesElsewhere, Parity Parity, double Tolerance)
{
    public bool Within => Parity.IsWithin(Tolerance);
}
