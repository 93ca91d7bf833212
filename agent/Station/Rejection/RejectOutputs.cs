using Microsoft.Extensions.Logging;
using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Rejection;

/// <summary>The reject outputs of all cameras that have one.</summary>
public sealed class RejectOutputs(IReadOnlyList<Camera> cameras, IGpio gpio, StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<RejectOutput> log) : Worker(health)
{
    private readonly Dictionary<Camera, RejectOutput> _outputs = cameras.Where(c => c.Options.Gate is not null).ToDictionary(
        c => c, c => new RejectOutput(c.Options.Name, c.Options.Gate!, gpio.OpenOutput(GpioAddress.Parse(c.Options.Gate!.Line), c.Options.Gate.ActiveLow), meter, clock, log));

    /// <summary>Rejects the part, where its verdict is one that does.</summary>
    public void Enqueue(InspectionReport report) => _outputs.GetValueOrDefault(report.Shot.Camera)?.Enqueue(report.Verdict, report.Shot.Trigger);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        // The first that fails ends this one: the others run on and must not hide it.
        await foreach (var ended in Task.WhenEach(_outputs.Values.Select(output => output.RunAsync(stopping))))
            await ended;
    }

    public override void Dispose()
    {
        foreach (var output in _outputs.Values)
            output.Dispose();
        // Whoever disposes of this twice, a line that was given back must not be touched again.
        _outputs.Clear();
        base.Dispose();
    }
}
