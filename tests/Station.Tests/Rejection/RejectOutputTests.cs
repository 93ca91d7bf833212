using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using FsCheck;
using FsCheck.Xunit;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Rejection;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Rejection;

/// <summary>Tests the timing with a manual clock and simulated lines; real lines are tested elsewhere.</summary>
public sealed class RejectOutputTests : IAsyncDisposable
{
    private static readonly RejectOutputOptions Options = new() { Line = "gpiochip0:1", Delay = TimeSpan.FromMilliseconds(100), Width = TimeSpan.FromMilliseconds(20) };
    private readonly FakeClock _clock = new();
    private readonly FakeGpio _gpio;
    private readonly MrfAdMeter _meter = new("0");
    private readonly RecordingLogger _log = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private RejectOutput? _output;

    private readonly long _start;

    public RejectOutputTests() => (_gpio, _start) = (new FakeGpio { Clock = _clock }, _clock.GetTimestamp());

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _output?.Dispose();
        _meter.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_bad_part_gets_its_pulse_when_it_is_at_the_output()
    {
        var output = Start(Options);
        var trigger = Trigger();
        _clock.Advance(TimeSpan.FromMilliseconds(40));
        output.Enqueue(Verdict.Ng, trigger);

        await AdvanceAsync(60);
        await AdvanceAsync(20);

        await PulsesAsync(2);
        Assert.Equal([(true, Ms(100)), (false, Ms(120))], _gpio.Pulses);
    }

    [Fact]
    public async Task Parts_close_behind_each_other_each_get_theirs()
    {
        var output = Start(Options);
        output.Enqueue(Verdict.Ng, Trigger());
        await AdvanceAsync(30);
        output.Enqueue(Verdict.Timeout, Trigger());

        foreach (var step in (int[])[70, 20, 10, 20])
            await AdvanceAsync(step);

        await PulsesAsync(4);
        Assert.Equal([(true, Ms(100)), (false, Ms(120)), (true, Ms(130)), (false, Ms(150))], _gpio.Pulses);
    }

    [Fact]
    public async Task A_good_part_and_a_verdict_that_comes_too_late_get_none()
    {
        var output = Start(Options);
        var (late, next) = (Trigger(), Trigger());
        output.Enqueue(Verdict.Ok, late);
        _clock.Advance(TimeSpan.FromMilliseconds(101));
        output.Enqueue(Verdict.Ng, late);
        output.Enqueue(Verdict.Ng, next with { Timestamp = _clock.GetTimestamp() });

        await AdvanceAsync(100);
        await AdvanceAsync(20);

        await PulsesAsync(2);
        Assert.Equal([(true, Ms(201)), (false, Ms(221))], _gpio.Pulses);
    }

    [Fact]
    public async Task From_trigger_to_pulse_is_measured_and_so_is_a_verdict_that_is_too_late()
    {
        using var listener = Measure(out var measured);
        var output = Start(Options);
        var late = Trigger();
        _clock.Advance(TimeSpan.FromMilliseconds(130));
        output.Enqueue(Verdict.Ng, late);
        output.Enqueue(Verdict.Ng, Trigger());

        await AdvanceAsync(100);
        await AdvanceAsync(20);
        await PulsesAsync(2);

        Assert.Equal([(0.13, "late"), (0.1, "gpio")], measured);
    }

    [Fact]
    public async Task Parts_nearer_than_the_width_get_one_pulse_that_ends_with_the_last_one()
    {
        using var listener = Measure(out var measured);
        var output = Start(Options);
        for (var part = 0; part < 10; part++)
        {
            output.Enqueue(Verdict.Ng, Trigger());
            await _clock.TimerArmedAsync(); // or the clock might move between the output's look at it and its wait
            _clock.Advance(TimeSpan.FromMilliseconds(10));
        }

        // The parts come at 100, 110, … 190 ms; each wait ends with the pulse of the last part so far.
        foreach (var step in (int[])[20, 20, 20, 20, 20, 10])
            await AdvanceAsync(step);

        await PulsesAsync(2);
        Assert.Equal([(true, Ms(100)), (false, Ms(210))], _gpio.Pulses);
        Assert.Equal(Enumerable.Repeat((0.1, "gpio"), 10), measured);
    }

    [Fact]
    public async Task A_part_whose_verdict_comes_while_the_line_is_active_makes_the_pulse_longer()
    {
        var output = Start(Options);
        output.Enqueue(Verdict.Ng, Trigger());
        await AdvanceAsync(15);
        var second = Trigger();
        await AdvanceAsync(85);
        await _clock.TimerArmedAsync();
        output.Enqueue(Verdict.Ng, second);

        await AdvanceAsync(20);
        await AdvanceAsync(15);

        await PulsesAsync(2);
        Assert.Equal([(true, Ms(100)), (false, Ms(135))], _gpio.Pulses);
    }

    [Fact]
    public async Task A_part_that_has_passed_when_the_worker_comes_to_it_is_late_and_gets_no_pulse()
    {
        using var listener = Measure(out var measured);
        var output = Start(Options);
        output.Enqueue(Verdict.Ng, Trigger() with { Seq = 7 });
        await AdvanceAsync(30);
        output.Enqueue(Verdict.Ng, Trigger() with { Seq = 8 });

        // The first part's pulse would be 11 ms late, more than half its width; the second part is not there yet.
        await AdvanceAsync(81);
        await AdvanceAsync(19);
        await AdvanceAsync(20);

        await PulsesAsync(2);
        Assert.Equal([(true, Ms(130)), (false, Ms(150))], _gpio.Pulses);
        Assert.Equal([(0.111, "late"), (0.1, "gpio")], measured);
        Assert.Contains("top #7: the line could be driven only 111 ms after the trigger, the part was at the reject station after 100 ms: it was not rejected", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verdict_that_comes_when_the_part_is_there_is_in_time()
    {
        var output = Start(Options);
        var trigger = Trigger();
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        output.Enqueue(Verdict.Ng, trigger);
        await AdvanceAsync(20);

        await PulsesAsync(2);
        Assert.Equal([(true, Ms(100)), (false, Ms(120))], _gpio.Pulses);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task A_pulse_that_begins_half_its_width_late_still_hits_its_part()
    {
        var output = Start(Options);
        output.Enqueue(Verdict.Ng, Trigger());

        await AdvanceAsync(110);
        await AdvanceAsync(20);

        await PulsesAsync(2);
        Assert.Equal([(true, Ms(110)), (false, Ms(130))], _gpio.Pulses);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Without_a_delay_the_pulse_comes_with_the_verdict_however_late_that_is()
    {
        using var listener = Measure(out var measured);
        var output = Start(Options with { Delay = TimeSpan.Zero });
        var trigger = Trigger();
        _clock.Advance(TimeSpan.FromSeconds(30));
        output.Enqueue(Verdict.Ng, trigger);
        await AdvanceAsync(20);

        await PulsesAsync(2);
        Assert.Equal([(true, Ms(30_000)), (false, Ms(30_020))], _gpio.Pulses);
        Assert.Equal([(30, "gpio")], measured);
    }

    [Fact]
    public async Task Without_a_delay_a_verdict_that_comes_during_a_pulse_makes_it_one_width_longer_from_then_on()
    {
        var output = Start(Options with { Delay = TimeSpan.Zero });
        var (first, second) = (Trigger(), Trigger());
        _clock.Advance(TimeSpan.FromSeconds(1));
        output.Enqueue(Verdict.Ng, first);
        await AdvanceAsync(15);
        output.Enqueue(Verdict.Ng, second);
        await AdvanceAsync(5);
        await AdvanceAsync(15);

        await PulsesAsync(2);
        Assert.Equal([(true, Ms(1000)), (false, Ms(1035))], _gpio.Pulses);
    }

    [Fact]
    public void A_verdict_that_is_too_late_is_logged_with_both_times()
    {
        var output = Start(Options);
        var late = Trigger() with { Seq = 5 };
        _clock.Advance(TimeSpan.FromMilliseconds(130));
        output.Enqueue(Verdict.Ng, late);

        Assert.Contains("top #5: the verdict came 130 ms after the trigger, the part was at the reject station after 100 ms: it was not rejected", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_is_judged_after_one_behind_it_has_its_pulse_in_its_turn()
    {
        var output = Start(new() { Line = "gpiochip0:1", Delay = TimeSpan.FromMilliseconds(100), Width = TimeSpan.FromMilliseconds(20) });
        var first = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        output.Enqueue(Verdict.Ng, 2, _clock.GetTimestamp());
        await _clock.TimerArmedAsync();
        output.Enqueue(Verdict.Ng, 1, first);

        // The clock stands still while the output catches up with it.
        await AdvanceAsync(50);
        await PulsesAsync(1);
        await AdvanceAsync(20);
        await PulsesAsync(2);
        await AdvanceAsync(30);
        await PulsesAsync(3);

        Assert.Empty(_log.Lines);
        Assert.Equal([100.0, 150.0], _gpio.Pulses.Where(p => p.Active).Select(p => _clock.GetElapsedTime(first, p.At).TotalMilliseconds));
    }

    [Fact]
    public async Task With_the_systems_clock_no_part_is_outside_its_pulse()
    {
        var (clock, gpio) = (TimeProvider.System, new FakeGpio());
        using var output = new RejectOutput(
            "top", new() { Delay = TimeSpan.FromSeconds(0.2), Width = TimeSpan.FromSeconds(3) }, gpio.OpenOutput(new("gpiochip0", 1), false), _meter, clock, _log);
        using var stop = new CancellationTokenSource();
        var running = output.RunAsync(stop.Token);
        var first = clock.GetTimestamp();
        var last = first + (clock.TimestampFrequency / 10);

        output.Enqueue(Verdict.Ng, Trigger() with { Timestamp = first });
        output.Enqueue(Verdict.Ng, Trigger() with { Timestamp = last });
        await PulsesAsync(2, gpio);
        await stop.CancelAsync();
        await running;

        var (begin, end) = (gpio.Pulses.First(), gpio.Pulses.Last());
        Assert.True(begin.Active && !end.Active);
        // The system's timers count in milliseconds and may fire slightly early.
        Assert.InRange(clock.GetElapsedTime(first, begin.At).TotalSeconds, 0.18, 1.7);
        Assert.InRange(clock.GetElapsedTime(last, end.At).TotalSeconds, 3.18, double.MaxValue);
        Assert.Equal(2, gpio.Pulses.Count);
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

    private RejectOutput Start(RejectOutputOptions options)
    {
        _output = new RejectOutput("top", options, _gpio.OpenOutput(GpioAddress.Parse(options.Line), false), _meter, _clock, _log);
        _running = _output.RunAsync(_stop.Token);
        return _output;
    }

    private Trigger Trigger() => new(Guid.NewGuid(), 1, "", "gpio", _clock.GetUtcNow(), _clock.GetTimestamp(), null);

    private async Task AdvanceAsync(int ms)
    {
        await _clock.TimerArmedAsync();
        _clock.Advance(TimeSpan.FromMilliseconds(ms));
    }

    private Task PulsesAsync(int count) => PulsesAsync(count, _gpio);

    private static async Task PulsesAsync(int count, FakeGpio gpio)
    {
        using var timeout = new CancellationTokenSource(TestTimeout.Value);
        while (gpio.Pulses.Count < count)
            await Task.Delay(1, timeout.Token);
    }

    /// <summary>Collects the measured times from trigger to output, in seconds.</summary>
    private MeterListener Measure(out ConcurrentQueue<(double Seconds, string Output)> measured)
    {
        var values = measured = [];
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter == _meter.Meter && instrument.Name == "mrfad_output_latency_seconds")
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, labels, _) => values.Enqueue((Math.Round(value, 6), labels.ToArray().Single(l => l.Key == "output").Value!.ToString()!)));
        listener.Start();
        return listener;
    }

    /// <summary>Converts a time after the start to the clock's tick counter.</summary>
    private long Ms(int ms) => _start + TimeSpan.FromMilliseconds(ms).Ticks;
}
