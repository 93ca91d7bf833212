namespace MrfAd.Benchmarks.Gpu;

/// <summary>Whole frames on one provider, medians.</summary>
/// <param name="Rows">Of each bank.</param>
/// <param name="Parity">The fused map beside the CPU's.</param>
public sealed record FrameResult(
    string Encoder, string Provider, int Banks, int Rows, string SearchedOn, double FeaturesMs, double SearchMs, double FuseMs, Parity Parity, double Tolerance)
{
    public double TotalMs => FeaturesMs + SearchMs + FuseMs;

    public bool Within => Parity.IsWithin(Tolerance);
}
