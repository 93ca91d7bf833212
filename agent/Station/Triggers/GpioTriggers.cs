using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Triggers;

/// <summary>Fires the cameras that are triggered by a GPIO line.</summary>
public sealed class GpioTriggers(IReadOnlyList<Camera> cameras, TriggerService triggers, IGpio gpio, StationHealth health) : Worker(health)
{
    // The maximum time until a line's thread notices that the station stops.
    private static readonly TimeSpan EdgeTimeout = TimeSpan.FromMilliseconds(200);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        // The first line that fails ends this worker: the others run on and must not hide the error.
        await foreach (var ended in Task.WhenEach(cameras.Where(c => c.Options.Trigger == TriggerMode.Gpio).Select(camera =>
            Task.Factory.StartNew(() => Watch(camera, stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))))
            await ended;
    }

    private void Watch(Camera camera, CancellationToken stopping)
    {
        using var line = gpio.OpenInput(GpioAddress.Parse(camera.Options.TriggerLine!));
        while (!stopping.IsCancellationRequested)
        {
            if (line.WaitForEdge(EdgeTimeout))
                triggers.Fire(camera, null, "gpio", sent: null, out _);
        }
    }
}
