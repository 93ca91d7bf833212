namespace MrfAd.Station.Updates;

/// <summary>All detectors: the station's own and those that belong to single cameras; with products, those of each.</summary>
/// <param name="all">All detectors; without products the first one is the station's.</param>
public sealed class DetectorBanks(IReadOnlyList<DetectorBank> all) : IDisposable
{
    public IReadOnlyList<DetectorBank> All => all;

    public DetectorBank Station => all[0];

    /// <summary>Returns the detector that judges a product for a camera.</summary>
    /// <param name="product">The name of the product; null where the station has none.</param>
    /// <param name="camera">The name of the camera; null for the station's or the product's own detector.</param>
    /// <returns>Null where there is no such product or camera.</returns>
    public DetectorBank? Of(string? product, string? camera) =>
        all.FirstOrDefault(d => d.Bank.Product == product && (camera is null ? d.Bank.Camera is null : d.Bank.Cameras.Contains(camera)));

    public void Dispose()
    {
        foreach (var detector in all)
            detector.Bank.Dispose();
    }
}
