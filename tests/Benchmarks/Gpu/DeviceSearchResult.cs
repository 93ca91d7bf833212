namespace MrfAd.Benchmarks.Gpu;

/// <summary>The result of one search on a device, beside the device's own matrix products and the CPU's exact search.</summary>
/// <param name="ProductRate">FLOP/s of plain fp16 products.</param>
/// <param name="OnDeviceMs">Milliseconds of the search with features already on the device.</param>
/// <param name="OnDeviceRate">FLOP/s of that search, counting 2·N·D·Q.</param>
/// <param name="FromHereMs">Milliseconds of the search with features in this process's memory.</param>
/// <param name="CpuMs">Milliseconds of the exact search on the CPU, extrapolated from fewer queries.</param>
/// <param name="MaxError">Maximum relative error of a distance.</param>
/// <param name="SameRows">Share of the queries for which both searches found the same row.</param>
public sealed record DeviceSearchResult(
    string Provider, int Rows, int Dimension, int Queries, double ProductRate, double OnDeviceMs, double OnDeviceRate, double FromHereMs, double CpuMs, double MaxError, double SameRows)
{
    // The device stores rows in fp16; its search refuses a bank with a larger error.
    public const double Tolerance = 5e-3;

    public bool Within => MaxError <= Tolerance;
}
