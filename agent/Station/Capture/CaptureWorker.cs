using MrfAd.Station.Runtime;

namespace MrfAd.Station.Capture;

/// <summary>Runs all cameras, and completes the queue of shots when the last camera has ended.</summary>
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

    /// <summary>Runs a camera; one that fails for good ends the others, so that the station stops.</summary>
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
