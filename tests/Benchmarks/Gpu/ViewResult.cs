namespace MrfAd.Benchmarks.Gpu;

/// <summary>The times of one encoder on one provider for one view.</summary>
/// <param name="Size">Size of the view, HEIGHTxWIDTH in pixels.</param>
/// <param name="Ms">Median milliseconds of a run that leaves the features on the device.</param>
/// <param name="ReadMs">Median milliseconds of a run that reads the features back.</param>
/// <param name="NodesElsewhere">Number of nodes of the graph that another provider ran.</param>
/// <param name="Parity">Difference from the CPU, of the worst layer.</param>
public sealed record ViewResult(string Encoder, double Scale, string Size, string Provider, double LoadMs, double Ms, double ReadMs, int NodesElsewhere, Parity Parity, double Tolerance)
{
    public bool Within => Parity.IsWithin(Tolerance);
}
