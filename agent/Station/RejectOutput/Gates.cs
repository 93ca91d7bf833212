using Microsoft.Extensions.Logging;
using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.RejectOutput;

/// <summary>The reject gates of all cameras that have one.</summary>
public sealed class Gates(IReadOnlyList<Camera> cameras, IGpio gpio, StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<Gate> log) : Worker(health)
{
    private readonly Dictionary<Camera, Gate> _gates = cameras.Where(c => c.Options.Gate is not null).ToDictionary(
        c => c, c => new Gate(c.Options.Name, c.Options.Gate!, gpio.OpenOutput(GpioAddress.Parse(c.Options.Gate!.Line), c.Options.Gate.ActiveLow), meter, clock, log));

    /// <summary>Rejects the part, where its verdict is one that does.</summary>
    public void Give(InspectionReport report) => _gates.GetValueOrDefault(report.Shot.Camera)?.Give(report.Verdict, report.Shot.Trigger);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        // The first that fails ends this one: the others run on and must not hide it.
        await foreach (var ended in Task.WhenEach(_gates.Values.Select(gate => gate.RunAsync(stopping))))
            await ended;
    }

    public override void Dispose()
    {
        foreach (var gate in _gates.Values)
            gate.Dispose();
        // Whoever disposes of this twice, a line that was given back must not be touched again.
        _gates.Clear();
        base.Dispose();
    }
}
