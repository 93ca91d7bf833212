using Microsoft.Extensions.Logging;
using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Parts;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Rejection;

/// <summary>
/// Runs the reject outputs of all cameras, each by the options of the part's product, and the one of parts of several views, which takes the place of the others for their
/// views; outputs of one line share it.
/// </summary>
public sealed class RejectOutputs : Worker
{
    // The output of the parts in metrics and the log, beside the names of cameras.
    private const string PartOutput = "part";

    private readonly Dictionary<(Camera Camera, string? Product), RejectOutput> _outputs;
    private readonly PartsOptions _parts;
    private readonly RejectOutput? _partOutput;
    private bool _isDisposed;

    /// <exception cref="GpioException">A line cannot be opened.</exception>
    public RejectOutputs(IReadOnlyList<Camera> cameras, PartsOptions parts, IGpio gpio, StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<RejectOutput> log)
        : base(health)
    {
        var lines = new Dictionary<GpioAddress, SharedLine>();
        _outputs = Gates(cameras).ToDictionary(gate => (gate.Camera, gate.Product), gate => Output(gate.Camera.Options.Name, gate.Options));
        (_parts, _partOutput) = (parts, parts.Gate is { } partGate ? Output(PartOutput, partGate) : null);

        RejectOutput Output(string name, RejectOutputOptions gate) => new(name, gate, Line(gate).Share(), meter, clock, log);

        SharedLine Line(RejectOutputOptions gate)
        {
            var address = GpioAddress.Parse(gate.Line);
            return lines.TryGetValue(address, out var line) ? line : lines[address] = new SharedLine(gpio.OpenOutput(address, gate.ActiveLow));
        }
    }

    private IEnumerable<RejectOutput> All => _partOutput is null ? _outputs.Values : _outputs.Values.Append(_partOutput);

    /// <summary>Schedules the pulse for a report whose verdict rejects the part, by the product of its trigger; not for a view of a part where parts have an output of their own.</summary>
    public void Enqueue(InspectionReport report)
    {
        var (camera, trigger) = (report.Shot.Camera, report.Shot.Trigger);
        if (_partOutput is null || trigger.Part?.Id is null || !_parts.IsView(camera.Options.Name))
            _outputs.GetValueOrDefault((camera, trigger.Product))?.Enqueue(report.Verdict, trigger);
    }

    /// <summary>Schedules the pulse for a part of several views whose verdict rejects it.</summary>
    public void Enqueue(JudgedPart part) => _partOutput?.Enqueue(part.Message.Verdict, part.Message.Seq, part.Triggered);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        // The first output that fails ends this at once, though the others run on.
        await foreach (var ended in Task.WhenEach(All.Select(output => output.RunAsync(stopping))))
            await ended;
    }

    public override void Dispose()
    {
        // The container disposes twice, and a line that was released must not be touched again.
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            foreach (var output in All)
                output.Dispose();
        }

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
