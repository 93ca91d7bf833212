using MrfAd.Station.Runtime;

namespace MrfAd.Station.Capture;

/// <summary>Runs all cameras; when the last has ended, no shot will follow.</summary>
public sealed class CaptureWorker(IReadOnlyList<Camera> cameras, PendingShots shots, StationHealth health) : Worker(health)
{
    protected override async Task RunAsync(CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        try
        {
            await Task.WhenAll(cameras.Select(camera => RunAsync(camera, end)));
        }
        finally
        {
            shots.Complete();
        }
    }

    /// <summary>A camera that fails for good ends the others: the station is not what it should be.</summary>
    private static async Task RunAsync(Camera camera, CancellationTokenSource end)
    {
        try
        {
            await Task.Run(() => camera.RunAsync(end.Token), CancellationToken.None);
        }
        catch
        {
            await end.CancelAsync();
            throw;
        }
    }
}
