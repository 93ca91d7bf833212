using FsCheck;
using FsCheck.Xunit;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.RejectOutput;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.RejectOutput;

/// <summary>With a clock that stands still and lines that are none: what a real line does is not seen here.</summary>
public sealed class GateTests : IAsyncDisposable
{
    private static readonly GateOptions Options = new() { Line = "gpiochip0:1", Delay = TimeSpan.FromMilliseconds(100), Width = TimeSpan.FromMilliseconds(20) };
    private readonly FakeClock _clock = new();
    private readonly FakeGpio _gpio;
    private readonly MrfAdMeter _meter = new("0");
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private Gate? _gate;

    private readonly long _start;

    public GateTests() => (_gpio, _start) = (new FakeGpio { Clock = _clock }, _clock.GetTimestamp());

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _gate?.Dispose();
        _meter.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_bad_part_gets_its_pulse_when_it_is_at_the_gate()
    {
        var gate = Start(Options);
        var trigger = Trigger();
        _clock.Advance(TimeSpan.FromMilliseconds(40));
        gate.Give(Verdict.Ng, trigger);

        await AdvanceAsync(60);
        await AdvanceAsync(20);

        await PulsesAsync(2);
        Assert.Equal([(true, Ms(100)), (false, Ms(120))], _gpio.Pulses);
    }

    [Fact]
    public async Task Parts_close_behind_each_other_each_get_theirs()
    {
        var gate = Start(Options);
        gate.Give(Verdict.Ng, Trigger());
        _clock.Advance(TimeSpan.FromMilliseconds(30));
        gate.Give(Verdict.Timeout, Trigger());

        foreach (var step in (int[])[70, 20, 10, 20])
            await AdvanceAsync(step);

        await PulsesAsync(4);
        Assert.Equal([(true, Ms(100)), (false, Ms(120)), (true, Ms(130)), (false, Ms(150))], _gpio.Pulses);
    }

    [Fact]
    public async Task A_good_part_and_a_verdict_that_comes_too_late_get_none()
    {
        var gate = Start(Options);
        var (late, next) = (Trigger(), Trigger());
        gate.Give(Verdict.Ok, late);
        _clock.Advance(TimeSpan.FromMilliseconds(101));
        gate.Give(Verdict.Ng, late);
        gate.Give(Verdict.Ng, next with { Timestamp = _clock.GetTimestamp() });

        await AdvanceAsync(100);
        await AdvanceAsync(20);

        await PulsesAsync(2);
        Assert.Equal([(true, Ms(201)), (false, Ms(221))], _gpio.Pulses);
    }

    [Fact]
    public async Task From_trigger_to_pulse_is_measured_and_so_is_a_verdict_that_is_too_late()
    {
        var measured = new System.Collections.Concurrent.ConcurrentQueue<(double Seconds, string Output)>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == _meter.Meter && instrument.Name == "mrfad_output_latency_seconds")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, value, labels, _) => measured.Enqueue((Math.Round(value, 6), labels.ToArray().Single(l => l.Key == "output").Value!.ToString()!)));
        listener.Start();
        var gate = Start(Options);
        var late = Trigger();
        _clock.Advance(TimeSpan.FromMilliseconds(130));
        gate.Give(Verdict.Ng, late);
        gate.Give(Verdict.Ng, Trigger());

        await AdvanceAsync(100);
        await AdvanceAsync(20);
        await PulsesAsync(2);

        Assert.Equal([(0.13, "late"), (0.1, "gpio")], measured);
    }

    [Theory]
    [InlineData("gpiochip0:17", "gpiochip0", 17)]
    [InlineData("/dev/gpiochip1:0", "/dev/gpiochip1", 0)]
    public void An_address_is_a_chip_and_a_line(string text, string chip, int line) => Assert.Equal(new GpioAddress(chip, line), GpioAddress.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("17")]
    [InlineData("gpiochip0:")]
    [InlineData(":17")]
    [InlineData("gpiochip0:-1")]
    public void Anything_else_is_refused_with_an_example(string text) =>
        Assert.Contains("gpiochip0:17", Assert.Throws<FormatException>(() => GpioAddress.Parse(text)).Message, StringComparison.Ordinal);

    [Property(Replay = "1,1", MaxTest = 500)]
    public void Whatever_is_given_as_an_address_it_is_one_that_reads_the_same_again_or_is_refused(NonNull<string> chip, int line)
    {
        var text = $"{chip.Get}:{line}";
        if (chip.Get.Length > 0 && line >= 0)
            Assert.Equal(text, GpioAddress.Parse(text).ToString());
        else
            Assert.Throws<FormatException>(() => GpioAddress.Parse(text));
    }

    private Gate Start(GateOptions options)
    {
        _gate = new Gate("top", options, _gpio.OpenOutput(GpioAddress.Parse(options.Line), false), _meter, _clock, NullLogger<Gate>.Instance);
        _running = _gate.RunAsync(_stop.Token);
        return _gate;
    }

    private Trigger Trigger() => new(Guid.NewGuid(), 1, "", "gpio", _clock.GetUtcNow(), _clock.GetTimestamp(), null);

    private async Task AdvanceAsync(int ms)
    {
        await _clock.TimerArmedAsync();
        _clock.Advance(TimeSpan.FromMilliseconds(ms));
    }

    private async Task PulsesAsync(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (_gpio.Pulses.Count < count)
            await Task.Delay(1, patience.Token);
    }

    /// <summary>So long after the start, on the clock's tick counter.</summary>
    private long Ms(int ms) => _start + TimeSpan.FromMilliseconds(ms).Ticks;
}
