using FsCheck.Xunit;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Results;

namespace MrfAd.Station.Tests.Outbox;

/// <summary>The messages on disk, how long they stay there, and what the next run finds.</summary>
public sealed class OutboxStorageTests : IAsyncDisposable
{
    private readonly OutboxLab _lab = new() { Options = new OutboxOptions { MaxAge = TimeSpan.FromHours(24), Keep = TimeSpan.FromHours(24), TriggerMemory = TimeSpan.FromHours(1) } };

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    /// <param name="runs">The verdicts of each run: their size, whether the oldest one is acknowledged then, and whether that is written at once.</param>
    /// <param name="disk">Seed that chooses what the disk had written of the last transaction at the power loss.</param>
    [Property(Replay = "1,1", MaxTest = 25)]
    public void After_a_power_loss_all_that_was_added_is_there_in_order_whatever_became_of_the_rest((ushort Size, bool Acknowledge, bool Save)[][] runs, int disk)
    {
        var lab = new OutboxLab();
        var (made, acknowledged, random) = (0, 0, new Random(disk));
        foreach (var run in runs.Take(5))
        {
            var outbox = lab.Open();
            foreach (var verdict in run)
            {
                outbox.Add(lab.Trigger(++made));
                lab.Add(outbox, made, verdict.Size % 3000);
                if (verdict.Acknowledge && outbox.Verdicts.Next("t/top", 0) is { } next)
                {
                    outbox.Verdicts.Acknowledge(next);
                    acknowledged++;
                }

                if (verdict.Save)
                    lab.SavedAsync(outbox).Wait();
            }

            lab.SavedAsync(outbox).Wait();
            outbox.Add(lab.Trigger(made + 1));
            var synced = new FileInfo(lab.Database + "-wal").Length;
            lab.Kill();
            Tear(lab.Database + "-wal", synced, random);
            lab.Close();

            var found = lab.Open();
            // Acknowledgements may be lost, and then messages are sent once more; never the other way round.
            Assert.InRange(found.Verdicts.Waiting, made - acknowledged, made);
            acknowledged = made - found.Verdicts.Waiting;
            Assert.Equal(Enumerable.Range(1, made).Select(i => (long)i), found.Verdicts.Find(new ReplayCommand { Camera = "top" }, int.MaxValue).Select(m => m.Headers.Seq));
            Assert.Equal(made + 1L, Assert.Single(found.Interrupted).Seq);
            Assert.Equal(made + 1L, found.Verdicts.LastSeq("top"));
            Assert.Null(lab.Store.Loss);
            lab.Add(found, ++made);
            lab.Close();
        }

        lab.DisposeAsync().AsTask().Wait();
    }

    [Fact]
    public async Task A_trigger_without_a_verdict_is_pending_at_the_next_start_under_its_id_and_number()
    {
        var outbox = _lab.Open();
        var (done, pending) = (_lab.Trigger(1), _lab.Trigger(2) with { Part = new PartInfo("SN-17", PartMeta.Parse("""{"lot":"ä","weight_g":1.50}""")) { Id = "P-17" } });
        outbox.Add(done);
        outbox.Add(pending);
        _lab.Add(outbox, 1);
        await _lab.SavedAsync(outbox);
        _lab.Kill();

        _lab.Close();
        var after = _lab.Open();

        Assert.Equal(pending, Assert.Single(after.Interrupted));
        Assert.True(after.Verdicts.TryGetTrigger("top", "part-1", out var verdict));
        Assert.Equal(1, verdict!.Headers.Seq);
        Assert.True(after.Verdicts.TryGetTrigger("top", "part-2", out verdict));
        Assert.Null(verdict);
        Assert.False(after.Verdicts.TryGetTrigger("side", "part-1", out _));
        Assert.Equal(2, after.Verdicts.LastSeq("top"));
    }

    [Fact]
    public async Task A_verdict_that_the_broker_has_is_sent_once_more_in_a_run_that_has_no_other_of_its_topic()
    {
        _lab.Link.Connect();
        _lab.Add(_lab.Open(), 1);
        _lab.Close();
        await _lab.SendAllAsync();

        var outbox = _lab.Open();
        Assert.Equal(0, outbox.Verdicts.Waiting);
        outbox.Resend(outbox.Verdicts.Find(new ReplayCommand { Camera = "top" }, 1));
        outbox.Complete();
        await outbox.RunAsync(_lab.Stop).WaitAsync(OutboxLab.Timeout);

        Assert.Equal(["1 historical", "1 historical"], _lab.Texts());
    }

    [Fact]
    public void A_trigger_is_on_disk_when_adding_it_returns()
    {
        var outbox = _lab.Open();
        outbox.Add(_lab.Trigger(1));
        _lab.Kill();

        _lab.Close();
        Assert.Single(_lab.Open().Interrupted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trigger_id_is_remembered_for_its_time_and_not_longer(bool isSaved)
    {
        var outbox = _lab.Open();
        using var gate = new ManualResetEventSlim(isSaved);
        _ = _lab.Store.WriteAsync(_ => gate.Wait());
        _lab.Add(outbox, 1);
        if (isSaved)
            await _lab.SavedAsync(outbox);

        _lab.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.True(outbox.Verdicts.TryGetTrigger("top", "part-1", out _));
        _lab.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.False(outbox.Verdicts.TryGetTrigger("top", "part-1", out _));
        gate.Set();
    }

    [Fact]
    public async Task A_trigger_id_is_remembered_though_the_clock_is_set()
    {
        var clock = new ClockThatIsSet { Offset = _lab.Clock.GetUtcNow() - TimeProvider.System.GetUtcNow() };
        var outbox = _lab.Open(clock: clock);
        _lab.Add(outbox, 1);
        await _lab.SavedAsync(outbox);

        clock.Offset += TimeSpan.FromDays(365);
        Assert.True(outbox.Verdicts.TryGetTrigger("top", "part-1", out _));
        clock.Offset -= TimeSpan.FromDays(730);
        Assert.True(outbox.Verdicts.TryGetTrigger("top", "part-1", out _));
        _lab.Close();
        Assert.False(_lab.Open(clock: clock).Verdicts.TryGetTrigger("top", "part-1", out _));
    }

    [Fact]
    public async Task What_was_sent_is_kept_to_be_found_until_it_is_too_old_and_a_clock_that_jumps_costs_nothing_that_waits()
    {
        var outbox = _lab.Open();
        for (var i = 1; i <= 20; i++)
        {
            _lab.Add(outbox, i);
            await _lab.SavedAsync(outbox);
            _lab.Clock.Advance(TimeSpan.FromHours(2));
            if (i <= 15)
                outbox.Verdicts.Acknowledge(outbox.Verdicts.Next("t/top", 0)!);
        }

        var running = outbox.RunAsync(_lab.Stop);
        await _lab.UntilAsync(() => Seqs(outbox)[0] > 1, "old verdicts are deleted");
        Assert.Equal(20, Seqs(outbox)[^1]);
        Assert.InRange(Seqs(outbox)[0], 8, 10);
        Assert.Equal(0, outbox.Verdicts.TotalDropped);
        Assert.False(running.IsCompleted);
        _lab.Close();

        // The clock jumps forward, so that the messages look old; they must wait all the same.
        _lab.Clock.Advance(TimeSpan.FromHours(1000));
        var after = _lab.Open();
        running = after.RunAsync(_lab.Stop);
        await _lab.UntilAsync(() => Seqs(after)[0] == 16, "old verdicts are deleted");
        Assert.Equal(5, after.Verdicts.Waiting);

        // They are too old once this run has known them for that long.
        _lab.Clock.Advance(TimeSpan.FromHours(25));
        await _lab.UntilAsync(() => after.Verdicts.Waiting == 0, "messages that waited for too long are dropped");
        Assert.Equal(5, after.Verdicts.TotalDropped);
    }

    [Fact]
    public async Task What_has_waited_for_too_long_is_not_sent_and_stays_to_be_looked_at()
    {
        _lab.Options = _lab.Options with { Keep = TimeSpan.FromDays(365) };
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        var old = Enumerable.Range(1, 120).Select(i => _lab.Add(outbox, i)).ToList();
        outbox.AddPicture(_lab.HeadersOf(1) with { Topic = "t/picture", ContentType = "image/png" }, old[0], "frame", new byte[100]);
        await _lab.SavedAsync(outbox);
        _lab.Clock.Advance(TimeSpan.FromHours(25));
        _lab.Add(outbox, 121);

        await _lab.UntilAsync(() => outbox.Verdicts.TotalDropped == 120 && outbox.Pictures.TotalDropped == 1, "the old ones are dropped");
        outbox.Complete();
        _lab.Link.Connect();
        await running.WaitAsync(OutboxLab.Timeout);

        Assert.Equal(["121 historical"], _lab.Texts());
        Assert.Equal(Enumerable.Range(1, 121).Select(i => (long)i), Seqs(outbox));
        Assert.Single(Directory.GetFiles(Path.Combine(_lab.State, "pictures"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_trigger_id_is_known_though_its_verdict_had_to_go_and_forgotten_in_its_time()
    {
        _lab.Options = _lab.Options with { VerdictsMb = 1 };
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        await OverfillAsync(outbox);

        Assert.True(outbox.Verdicts.TryGetTrigger("top", "part-1", out var verdict));
        Assert.Null(verdict);
        Assert.False(outbox.Verdicts.TryGetTrigger("side", "part-1", out _));
        Assert.False(running.IsCompleted);
        _lab.Close();

        outbox = _lab.Open();
        running = outbox.RunAsync(_lab.Stop);
        Assert.True(outbox.Verdicts.TryGetTrigger("top", "part-1", out _));
        _lab.Clock.Advance(TimeSpan.FromHours(2));
        Assert.False(outbox.Verdicts.TryGetTrigger("top", "part-1", out _));
        await _lab.UntilAsync(() => Known() == 0, "triggers are forgotten");
        Assert.False(running.IsCompleted);
    }

    [Fact]
    public async Task Known_triggers_take_no_more_than_half_of_the_budget()
    {
        _lab.Options = _lab.Options with { VerdictsMb = 1 };
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        await _lab.Store.WriteAsync(connection => connection.Run(
            $"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 12000) INSERT INTO known_triggers SELECT i, 'trigger-' || i, 'top', {_lab.Clock.GetUtcNow().ToUnixTimeMilliseconds()} FROM n"));

        await _lab.UntilAsync(() => Known() == 4000, "the oldest triggers are forgotten");

        Assert.True(outbox.Verdicts.TryGetTrigger("top", "trigger-8001", out _));
        Assert.False(outbox.Verdicts.TryGetTrigger("top", "trigger-8000", out _));
        Assert.False(running.IsCompleted);
    }

    [Fact]
    public async Task More_than_the_budget_costs_the_oldest_and_is_counted_over_a_restart()
    {
        _lab.Options = _lab.Options with { VerdictsMb = 1 };
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        await OverfillAsync(outbox);
        await _lab.SavedAsync(outbox);

        Assert.Equal(400, outbox.Verdicts.Waiting + outbox.Verdicts.TotalDropped);
        Assert.InRange(outbox.Verdicts.TotalDropped, 150, 350);
        Assert.Equal(400 - outbox.Verdicts.TotalDropped, Seqs(outbox).Count);
        Assert.False(running.IsCompleted);
        var dropped = outbox.Verdicts.TotalDropped;
        _lab.Close();

        var after = _lab.Open();
        Assert.Equal(dropped, after.Verdicts.TotalDropped);
        Assert.Equal(400 - dropped, after.Verdicts.Waiting);
        Assert.Equal(400, after.Verdicts.LastSeq("top"));
        Assert.InRange(new FileInfo(_lab.Database).Length, 1, 4_000_000);
    }

    [Fact]
    public async Task Pictures_beyond_their_budget_go_the_oldest_first_and_those_that_waited_are_counted()
    {
        _lab.Options = _lab.Options with { PicturesMb = 1 };
        var outbox = _lab.Open();
        for (var i = 1; i <= 8; i++)
        {
            var verdict = _lab.Add(outbox, i);
            outbox.AddPicture(_lab.HeadersOf(i) with { Topic = "t/picture", ContentType = "image/png" }, verdict, "frame", new byte[200_000]);
            if (i == 1)
            {
                outbox.Verdicts.Acknowledge(verdict);
                outbox.Pictures.Acknowledge(outbox.Pictures.Next("t/picture", 0) ?? await SavedPictureAsync(outbox));
            }
        }

        await _lab.SavedAsync(outbox);
        await _lab.Store.WriteAsync(_ => { });
        Assert.InRange(outbox.Pictures.Bytes, 800_000, 1_000_000);
        Assert.Equal(outbox.Pictures.Bytes, Directory.GetFiles(Path.Combine(_lab.State, "pictures"), "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length));
        Assert.Equal((5, 2L), (outbox.Pictures.Waiting, outbox.Pictures.TotalDropped));
        _lab.Close();

        var after = _lab.Open();
        Assert.Equal((5, 2L), (after.Pictures.Waiting, after.Pictures.TotalDropped));
        Assert.InRange(after.Pictures.Bytes, 800_000, 1_000_000);
    }

    [Fact]
    public async Task One_commit_serves_all_who_wait()
    {
        const int Waiting = 16;
        var outbox = _lab.Open();
        using var gate = new ManualResetEventSlim();
        var commits = 0;
        var before = _lab.Store.WriteAsync(_ => gate.Wait());
        _lab.Store.Committed += _ => Interlocked.Increment(ref commits);

        var adding = Enumerable.Range(1, Waiting).Select(i => Task.Factory.StartNew(() => outbox.Add(_lab.Trigger(i)), TaskCreationOptions.LongRunning)).ToArray();
        SpinWait.SpinUntil(() => Enumerable.Range(1, Waiting).All(i => outbox.Verdicts.TryGetTrigger("top", $"part-{i}", out _)), OutboxLab.Timeout);
        gate.Set();
        await Task.WhenAll([.. adding, before]).WaitAsync(OutboxLab.Timeout);

        Assert.InRange(commits, 1, 3);
        _lab.Kill();
        _lab.Close();
        Assert.Equal(Waiting, _lab.Open().Interrupted.Count);
    }

    [Fact]
    public async Task An_acknowledgement_that_comes_while_its_message_is_being_written_is_written_too()
    {
        var outbox = _lab.Open();
        var message = _lab.Add(outbox, 1);
        await _lab.Store.WriteAsync(_ => outbox.Verdicts.Acknowledge(message));
        await _lab.SavedAsync(outbox);
        _lab.Close();

        var after = _lab.Open();
        Assert.Equal(0, after.Verdicts.Waiting);
        Assert.Single(after.Verdicts.Find(new ReplayCommand { Camera = "top" }, 9));
    }

    [Fact]
    public async Task A_verdict_that_is_acknowledged_while_its_row_is_given_up_is_not_counted_as_dropped()
    {
        var outbox = _lab.Open();
        var message = _lab.Add(outbox, 1);
        await _lab.SavedAsync(outbox);
        _lab.Clock.Advance(TimeSpan.FromHours(25));
        Action? committed = null;
        await _lab.Store.WriteAsync(connection => committed = outbox.Verdicts.Expire(connection));

        outbox.Verdicts.Acknowledge(message);
        committed!();

        Assert.Equal((0, 0L), (outbox.Verdicts.Waiting, outbox.Verdicts.TotalDropped));
    }

    [Fact]
    public async Task A_trigger_whose_verdict_was_deleted_is_not_pending_again()
    {
        var outbox = _lab.Open();
        outbox.Add(_lab.Trigger(1));
        outbox.Verdicts.Acknowledge(_lab.Add(outbox, 1));
        await _lab.SavedAsync(outbox);
        await _lab.Store.WriteAsync(connection => connection.Run("DELETE FROM verdicts"));
        _lab.Close();

        var after = _lab.Open();
        Assert.Empty(after.Interrupted);
        Assert.Equal(1, after.Verdicts.LastSeq("top"));
    }

    private async Task<OutboxMessage> SavedPictureAsync(StationOutbox outbox)
    {
        await _lab.SavedAsync(outbox);
        return outbox.Pictures.Next("t/picture", 0)!;
    }

    private static List<long> Seqs(StationOutbox outbox) => [.. outbox.Verdicts.Find(new ReplayCommand { Camera = "top" }, int.MaxValue).Select(m => m.Headers.Seq)];

    /// <summary>Damages what a disk may have written of a transaction that was not synced: all behind the synced bytes.</summary>
    private static void Tear(string file, long synced, Random random)
    {
        using var stream = new FileStream(file, FileMode.Open);
        var unsynced = new byte[stream.Length - synced + random.Next(5000)];
        random.NextBytes(unsynced);
        stream.Position = synced;
        stream.Write(unsynced);
    }

    private sealed class ClockThatIsSet : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }

    private long Known() => _lab.Store.Read(connection => connection.Number("SELECT count(*) FROM known_triggers"));

    /// <summary>Adds 400 verdicts of 5 kB, twice as much as the budget of 1 MB, and waits until the oldest are dropped.</summary>
    private async Task OverfillAsync(StationOutbox outbox)
    {
        for (var i = 1; i <= 400; i++)
            _lab.Add(outbox, i, size: 5000);
        await _lab.UntilAsync(() => outbox.Verdicts is { TotalDropped: >= 150, Unsaved: 0 }, "the oldest are dropped");
    }
}
