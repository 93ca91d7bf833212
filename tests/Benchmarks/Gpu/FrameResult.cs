namespace MrfAd.Benchmarks.Gpu;

/// <summary>Median times of whole frames on one provider.</summary>
/// <param name="Rows">Number of rows of each bank.</param>
/// <param name="Parity">Difference of the fused map from the CPU's.</param>
public sealed record FrameResult(
    string Encoder, string Provider, int Banks, int Rows, string SearchedOn, double FeaturesMs, double SearchMs, double FuseMs, Parity Parity, double Tolerance)
{
    public double TotalMs => FeaturesMs + SearchMs + FuseMs;

    public bool Within => Parity.IsWithin(Tolerance);
}
