using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Runtime;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Updates;

/// <summary>Races between a rollback, the first verdicts, an update and a self-test.</summary>
public sealed class UpdateRaceTests : IAsyncLifetime
{
    // Longer than a slow disk or encoder takes.
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(500);

    private readonly UpdateLab _lab = new() { Options = new() { KeepFreeMb = 1, WatchVerdicts = 2, MostWatchedAlarms = 0 } };

    public async ValueTask InitializeAsync() => await _lab.StartAsync();

    public async ValueTask DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task An_operator_and_the_first_verdicts_that_roll_back_at_once_do_it_once()
    {
        await _lab.PushAsync(_lab.Make());
        var opening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _lab.Opening = _ =>
        {
            opening.TrySetResult();
            Task.Delay(Slow).Wait();
        };

        var rollingBack = Task.Run(() => _lab.Bank.RollBack("operator", "asked for"));
        await opening.Task;
        var watched = WatchedAsync();
        Assert.Equal(Verdict.Ng, _lab.Judge(150));
        await Task.WhenAll(rollingBack, watched).WaitAsync(TestTimeout.Value);

        Assert.Equal(5, _lab.Bank.Detector.Info!.BankVersion);
    }

    [Fact]
    public async Task A_verdict_while_a_rollback_is_written_does_not_have_the_old_bank_watched()
    {
        await _lab.StopAsync();
        var disk = new SlowDisk();
        _lab.Disk = disk;
        await _lab.StartAsync();
        await _lab.PushAsync(_lab.Make());
        disk.Delay = Slow;

        var rollingBack = Task.Run(() => _lab.Bank.RollBack("operator", "asked for"));
        await disk.Writing.Task;
        disk.Delay = TimeSpan.Zero;
        var watched = WatchedAsync();
        Assert.Equal(Verdict.Ok, _lab.Judge(50));
        await Task.WhenAll(rollingBack, watched).WaitAsync(TestTimeout.Value);

        Assert.Null(_lab.Bank.Store.Banks.Watched);
    }

    [Fact]
    public async Task An_update_given_up_while_its_encoder_is_opened_does_not_take_over()
    {
        _lab.Opening = options =>
        {
            // Shadow runs have one thread; this inspector is the one that judges.
            if (options.Threads != 1)
                _lab.Updates.Cancel();
        };

        var outcome = await _lab.PushAsync(_lab.Make());

        Assert.Equal((UpdateResult.Refused, "it was given up"), (outcome.Result, outcome.Reason));
        Assert.Equal(5, _lab.Bank.Detector.Info!.BankVersion);
    }

    [Fact]
    public async Task An_update_may_be_given_up_at_any_moment_also_as_it_ends()
    {
        using var stop = new CancellationTokenSource();
        var cancelling = Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                    _lab.Updates.Cancel();
            },
            TaskCreationOptions.LongRunning);

        var version = UpdateLab.Version;
        while (version < 100 && !cancelling.IsCompleted)
            await _lab.FetchAsync(_lab.Make(++version));

        await stop.CancelAsync();
        await cancelling;
        Assert.Equal(UpdateResult.Accepted, (await _lab.FetchAsync(_lab.Make(++version))).Result);
    }

    [Fact]
    public async Task A_bank_that_fails_as_it_warms_up_leaves_nothing_open()
    {
        _lab.Judge(50);
        var isShadow = false;
        _lab.Opening = options => Volatile.Write(ref isShadow, options.Threads == 1);
        _lab.Inspecting = () =>
        {
            if (!Volatile.Read(ref isShadow))
                throw new InvalidOperationException("no memory left on the device");
        };

        var outcome = await _lab.PushAsync(_lab.Make());

        Assert.Equal((UpdateResult.Refused, "it cannot be used: no memory left on the device"), (outcome.Result, outcome.Reason));
        Assert.Equal(1, _lab.OpenInspectors); // what judges the line
    }

    [Fact]
    public async Task A_sender_that_has_been_away_for_half_a_minute_makes_room_for_another()
    {
        await _lab.StopAsync();
        var clock = new FakeClock();
        _lab.Clock = clock;
        await _lab.StartAsync();
        var (away, next) = (Manifests.ReadBeside(_lab.Make()), Manifests.ReadBeside(_lab.Make(7)));
        _lab.Updates.Offer(away, "mqtt", "away");

        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Contains("another update is under way: fake version 6", Refusal(), StringComparison.Ordinal);
        var givenUp = EndedAsync();
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("fake version 6 was under way and its sender is away", Refusal(), StringComparison.Ordinal);
        Assert.Equal("it was given up", (await givenUp).Reason);

        Assert.Equal(7, _lab.Updates.Offer(next, "mqtt", "next").Version);

        string Refusal() => Assert.Throws<UpdateRefusedException>(() => _lab.Updates.Offer(next, "mqtt", "next")).Message;

        Task<BankOutcome> EndedAsync()
        {
            var ended = new TaskCompletionSource<BankOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
            _lab.Status.Changed += () =>
            {
                if (_lab.Status.Update is null)
                    ended.TrySetResult(_lab.Bank.Store.Banks.Last!);
            };
            return ended.Task.WaitAsync(TestTimeout.Value);
        }
    }

    [Fact]
    public async Task A_verdict_by_the_bank_before_is_none_of_the_first_verdicts()
    {
        var before = _lab.Bank.Detector.Info!;
        await _lab.PushAsync(_lab.Make());

        Assert.Equal(Verdict.Ng, _lab.Judge(150, before));
        Assert.Equal(Verdict.Ok, _lab.Judge(50));
        Assert.Equal(Verdict.Ok, _lab.Judge(50));

        Assert.StartsWith("0 of its first verdicts were NG", (await _lab.LastAsync(UpdateResult.Confirmed)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_bank_is_compared_with_the_one_it_will_take_over_from()
    {
        await _lab.StopAsync();
        _lab.Options = _lab.Options with { WatchVerdicts = 0 };
        await _lab.StartAsync();
        await _lab.PushAsync(_lab.Make(6, (d, _) => d["calibration"]!["threshold"] = 40));
        Assert.Equal(Verdict.Ng, _lab.Judge(50));
        // Versions 6 and 7 judge it NG; version 5, which comes back meanwhile, does not.
        var isBack = 0;
        _lab.Inspecting = () =>
        {
            if (Interlocked.Exchange(ref isBack, 1) == 0)
                _lab.Bank.RollBack("operator", "asked for");
        };

        var outcome = await _lab.PushAsync(_lab.Make(7, (d, _) => d["calibration"]!["threshold"] = 40));

        Assert.Equal(UpdateResult.Refused, outcome.Result);
        Assert.Contains("it calls 1 of the last 1 frames NG that were OK", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(5, _lab.Bank.Detector.Info!.BankVersion);
    }

    [Fact]
    public async Task A_self_test_during_which_another_bank_takes_over_begins_anew()
    {
        await _lab.PushAsync(_lab.Make(change: (d, _) => d["calibration"]!["threshold"] = 200));
        _lab.AddGolden("good", 50);
        _lab.AddGolden("bad", 150);
        await using var link = _lab.Broker.Connect();
        var health = new StationHealth(TimeProvider.System);
        using var test = new SelfTest(_lab.Options, _lab.Bank, health, link, new BrokerConnection(link, health), _lab.Topics, TimeProvider.System, _lab.Folder.File("state/banks"));
        var judged = 0;
        _lab.Inspecting = () =>
        {
            if (judged++ == 0)
                _lab.Bank.RollBack("operator", "asked for");
        };

        var result = await test.RunOnceAsync(CancellationToken.None);

        Assert.Equal(5, result.Bank.Version);
        Assert.True(result.Passed, result.Reason);
        Assert.Equal(4, judged); // both, once by either
    }

    /// <summary>Completes when a verdict has been watched.</summary>
    private Task WatchedAsync()
    {
        var watched = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _lab.Status.Changed += () => watched.TrySetResult();
        return watched.Task;
    }

    private sealed class SlowDisk : BankDisk
    {
        public TimeSpan Delay { get; set; }

        public TaskCompletionSource Writing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Write(string path, byte[] bytes)
        {
            var delay = Delay;
            if (delay > TimeSpan.Zero)
            {
                Writing.TrySetResult();
                Task.Delay(delay).Wait();
            }

            base.Write(path, bytes);
        }
    }
}
