using Microsoft.Extensions.Hosting;
using MrfAd.Agent.Health;

namespace MrfAd.Agent;

/// <summary>One loop of the station. When it fails, the station's state says so before the process ends.</summary>
public abstract class Worker(StationHealth health) : BackgroundService
{
    protected abstract Task RunAsync(CancellationToken stopping);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            health.Fail($"{GetType().Name} failed: {e.Message}");
            throw;
        }
    }
}
