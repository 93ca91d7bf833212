using Microsoft.Extensions.Logging;
using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Rejection;

/// <summary>Runs the reject outputs of all cameras, each by the options of the part's product; outputs of one line share it.</summary>
public sealed class RejectOutputs : Worker
{
    private readonly Dictionary<(Camera Camera, string? Product), RejectOutput> _outputs;

    /// <exception cref="GpioException">A line cannot be opened.</exception>
    public RejectOutputs(IReadOnlyList<Camera> cameras, IGpio gpio, StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<RejectOutput> log)
        : base(health)
    {
        var lines = new Dictionary<GpioAddress, SharedLine>();
        _outputs = Gates(cameras).ToDictionary(gate => (gate.Camera, gate.Product), gate => new RejectOutput(gate.Camera.Options.Name, gate.Options, Line(gate.Options).Share(), meter, clock, log));

        SharedLine Line(RejectOutputOptions gate)
        {
            var address = GpioAddress.Parse(gate.Line);
            return lines.TryGetValue(address, out var line) ? line : lines[address] = new SharedLine(gpio.OpenOutput(address, gate.ActiveLow));
        }
    }

    /// <summary>Schedules the pulse for a report whose verdict rejects the part, by the product of its trigger.</summary>
    public void Enqueue(InspectionReport report) => _outputs.GetValueOrDefault((report.Shot.Camera, report.Shot.Trigger.Product))?.Enqueue(report.Verdict, report.Shot.Trigger);

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

    /// <returns>The reject output of each camera, by product; null is the product of a part whose own is unknown.</returns>
    private static IEnumerable<(Camera Camera, string? Product, RejectOutputOptions Options)> Gates(IReadOnlyList<Camera> cameras) =>
        from camera in cameras
        from product in (camera.Products?.Names ?? []).Prepend(null)
        let gate = camera.OptionsOf(product).Gate
        where gate is not null
        select (camera, product, gate);
}
