using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Triggers;

/// <summary>Fires the cameras whose trigger is a GPIO line.</summary>
public sealed class GpioTriggers(IReadOnlyList<Camera> cameras, TriggerService desk, IGpio gpio, StationHealth health) : Worker(health)
{
    // How soon a line's thread sees that the station stops.
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        // The first that fails ends this one: the others run on and must not hide it.
        await foreach (var ended in Task.WhenEach(cameras.Where(c => c.Options.Trigger == TriggerMode.Gpio).Select(camera =>
            Task.Factory.StartNew(() => Watch(camera, stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))))
            await ended;
    }

    private void Watch(Camera camera, CancellationToken stopping)
    {
        using var line = gpio.OpenInput(GpioAddress.Parse(camera.Options.TriggerLine!));
        while (!stopping.IsCancellationRequested)
        {
            if (line.WaitForEdge(Glance))
                desk.Fire(camera, null, "gpio", sent: null, out _);
        }
    }
}
