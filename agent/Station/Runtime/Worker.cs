using Microsoft.Extensions.Hosting;

namespace MrfAd.Station.Runtime;

/// <summary>A background loop of the station. When it fails, the station's state becomes Error before the process ends.</summary>
public abstract class Worker(StationHealth health) : BackgroundService
{
    protected abstract Task RunAsync(CancellationToken stopping);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The station stops; where its start fails, the host would otherwise report a failure of each worker.
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
    }

    /// <summary>Makes the station's state Error with the reason; for a worker that still has to report it before it ends.</summary>
    protected void Fail(Exception e) => health.Fail($"{GetType().Name} failed: {e.Message}");
}
