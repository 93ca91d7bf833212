using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Parts;
using MrfAd.Station.Products;
using MrfAd.Station.Rejection;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Capture;
using MrfAd.Station.Tests.Reporting;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Rejection;

public sealed class RejectOutputsTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly TemporaryFolder _folder = new();
    private readonly Lines _lines;

    public RejectOutputsTests() => _lines = new Lines(_clock);

    public void Dispose()
    {
        _meter.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_pulse_of_a_part_is_by_the_product_of_its_trigger()
    {
        var camera = Camera("top", Gate("gpiochip0:1"), ("near", null), ("far", Gate("gpiochip0:2")), ("strict", Gate("gpiochip0:3") with { On = [Verdict.Ng] }));
        using var outputs = await StartAsync(camera);

        foreach (var (product, verdict) in ((string?, Verdict)[])[("near", Verdict.Ng), ("far", Verdict.Invalid), ("strict", Verdict.Invalid), (null, Verdict.Invalid), ("strict", Verdict.Ng)])
        {
            var before = _lines.Driven.Count;
            outputs.Enqueue(Report(camera, product, verdict));
            await PulsesAsync(product == "strict" && verdict == Verdict.Invalid ? before : before + 2);
        }

        Assert.Equal(["gpiochip0:1", "gpiochip0:2", "gpiochip0:1", "gpiochip0:3"], _lines.Driven.Where(d => d.IsActive).Select(d => d.Line));
    }

    [Fact]
    public async Task A_line_that_several_outputs_drive_is_opened_once_and_active_while_one_of_them_drives_it()
    {
        var long60 = Gate("gpiochip0:1") with { Width = TimeSpan.FromMilliseconds(60) };
        Camera[] cameras = [Camera("top", Gate("gpiochip0:1"), ("far", long60), ("near", null)), Camera("side", Gate("gpiochip0:1"))];
        using (var outputs = await StartAsync(cameras))
        {
            using var begun = new CountdownEvent(3);
            using var listener = OnPulse(() => begun.Signal());
            outputs.Enqueue(Report(cameras[0], "far", Verdict.Ng));
            outputs.Enqueue(Report(cameras[0], "near", Verdict.Ng));
            outputs.Enqueue(Report(cameras[1], null, Verdict.Ng));
            Assert.True(begun.Wait(TestTimeout.Value), "three pulses at one time");
            await PulsesAsync(2);

            var driven = _lines.Driven.ToList();
            Assert.Equal([true, false], driven.Select(d => d.IsActive));
            Assert.True(driven[1].At - driven[0].At >= TimeSpan.FromMilliseconds(60).Ticks, "the shorter pulse ended the longer one");
            Assert.Equal(["gpiochip0:1"], _lines.Opened);
            Assert.Empty(_lines.GivenBack);
        }

        Assert.Equal(["gpiochip0:1"], _lines.GivenBack);
    }

    [Fact]
    public async Task Parts_of_several_views_have_a_pulse_each_and_their_views_none()
    {
        Camera[] cameras = [Camera("top", Gate("gpiochip0:1")), Camera("front", Gate("gpiochip0:3"))];
        using var outputs = await StartAsync(cameras, new PartsOptions { Views = [new() { Camera = "top" }], Gate = Gate("gpiochip0:2") });

        // A view, the part, an image without a part, one of a camera that is no view, and a good part.
        outputs.Enqueue(Report(cameras[0], null, Verdict.Ng, PartInfo.Of(null, null, "P-1")));
        outputs.Enqueue(new JudgedPart(Messages.Part, _clock.GetTimestamp()));
        await PulsesAsync(2);
        outputs.Enqueue(new JudgedPart(Messages.Part with { Verdict = Verdict.Ok }, _clock.GetTimestamp()));
        outputs.Enqueue(Report(cameras[0], null, Verdict.Ng));
        await PulsesAsync(4);
        outputs.Enqueue(Report(cameras[1], null, Verdict.Ng, PartInfo.Of(null, null, "P-1")));
        await PulsesAsync(6);

        Assert.Equal(["gpiochip0:2", "gpiochip0:1", "gpiochip0:3"], _lines.Driven.Where(d => d.IsActive).Select(d => d.Line));
    }

    private static RejectOutputOptions Gate(string line) => new() { Line = line };

    private Camera Camera(string name, RejectOutputOptions gate, params (string Name, RejectOutputOptions? Gate)[] products)
    {
        var options = new CameraOptions { Name = name, Gate = gate };
        var station = new StationOptions
        {
            StateFolder = _folder.File(name),
            Cameras = [options],
            Products = [.. products.Select(product => new ProductOptions { Name = product.Name, Bank = "b", Cameras = [new ProductCameraOptions { Name = name, Gate = product.Gate }] })],
        };
        var health = new StationHealth(_clock);
        return new Camera(options, new FakeSource().Open, new PendingShots(_clock), new FrameLimits(new(), new(long.MaxValue)), health, _meter, _clock, NullLogger<Camera>.Instance)
        {
            Products = products.Length == 0 ? null : new ActiveProducts(station),
        };
    }

    private Task<RejectOutputs> StartAsync(params Camera[] cameras) => StartAsync(cameras, new());

    private async Task<RejectOutputs> StartAsync(Camera[] cameras, PartsOptions parts)
    {
        var outputs = new RejectOutputs(cameras, parts, _lines, new StationHealth(_clock), _meter, _clock, NullLogger<RejectOutput>.Instance);
        await outputs.StartAsync(CancellationToken.None);
        return outputs;
    }

    private InspectionReport Report(Camera camera, string? product, Verdict verdict, PartInfo? part = null)
    {
        var trigger = new Trigger(Guid.NewGuid(), 1, "", "gpio", _clock.GetUtcNow(), _clock.GetTimestamp(), null) { Product = product, Part = part };
        return new InspectionReport(new Shot(camera, trigger, null, new NoFrame(NoFrameCause.Lost, ""), null, 0), verdict, null, null, default, default, null);
    }

    /// <summary>Lets time pass, in small steps, until lines were driven so often in all; each step is short beside the pulses.</summary>
    private async Task PulsesAsync(int count)
    {
        using var timeout = new CancellationTokenSource(TestTimeout.Value);
        while (_lines.Driven.Count < count)
        {
            await Task.Delay(1, timeout.Token);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    private MeterListener OnPulse(Action pulse)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter == _meter.Meter && instrument.Name == "mrfad_output_latency_seconds")
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => pulse());
        listener.Start();
        return listener;
    }

    private sealed class Lines(TimeProvider clock) : IGpio
    {
        public ConcurrentQueue<(string Line, bool IsActive, long At)> Driven { get; } = [];

        public List<string> Opened { get; } = [];

        public List<string> GivenBack { get; } = [];

        public IGpioInput OpenInput(GpioAddress address) => throw new NotSupportedException();

        public IGpioOutput OpenOutput(GpioAddress address, bool activeLow)
        {
            Opened.Add($"{address}");
            return new Line(this, $"{address}", clock);
        }

        private sealed class Line(Lines lines, string name, TimeProvider clock) : IGpioOutput
        {
            public void Drive(bool active) => lines.Driven.Enqueue((name, active, clock.GetTimestamp()));

            public void Dispose() => lines.GivenBack.Add(name);
        }
    }
}
