namespace MrfAd.Benchmarks.Gpu;

/// <summary>One search beside the device's own products and the CPU's exact search.</summary>
/// <param name="ProductRate">FLOP/s of fp16 products alone.</param>
/// <param name="OnDeviceMs">Features being on the device.</param>
/// <param name="OnDeviceRate">FLOP/s, counting 2·N·D·Q.</param>
/// <param name="FromHereMs">Features being in this process's memory.</param>
/// <param name="CpuMs">The exact search of as many queries, from fewer.</param>
/// <param name="MaxError">The largest relative error of a distance.</param>
/// <param name="SameRows">Share of the queries for which both found the same row.</param>
public sealed record DeviceSearchResult(
    string Provider, int Rows, int Dimension, int Queries, double ProductRate, double OnDeviceMs, double OnDeviceRate, double FromHereMs, double CpuMs, double MaxError, double SameRows)
{
    // Rows lie in fp16 on the device; the search itself refuses a bank at about this much.
    public const double Tolerance = 5e-3;

    public bool Within => MaxError <= Tolerance;
}
