using Microsoft.Extensions.Logging;
using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Rejection;

/// <summary>Runs the reject outputs of all cameras that have one.</summary>
public sealed class RejectOutputs(IReadOnlyList<Camera> cameras, IGpio gpio, StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<RejectOutput> log) : Worker(health)
{
    private readonly Dictionary<Camera, RejectOutput> _outputs = cameras.Where(c => c.Options.Gate is not null).ToDictionary(
        c => c, c => new RejectOutput(c.Options.Name, c.Options.Gate!, gpio.OpenOutput(GpioAddress.Parse(c.Options.Gate!.Line), c.Options.Gate.ActiveLow), meter, clock, log));

    /// <summary>Schedules the pulse for a report whose verdict rejects the part.</summary>
    public void Enqueue(InspectionReport report) => _outputs.GetValueOrDefault(report.Shot.Camera)?.Enqueue(report.Verdict, report.Shot.Trigger);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        // The first output that fails ends this at once, though the others run on.
        await foreach (var ended in Task.WhenEach(_outputs.Values.Select(output => output.RunAsync(stopping))))
            await ended;
    }

    public override void Dispose()
    {
        foreach (var output in _outputs.Values)
            output.Dispose();
        // The container disposes twice, and a line that was released must not be touched again.
        _outputs.Clear();
        base.Dispose();
    }
}
