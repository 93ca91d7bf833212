using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Evidence;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Evidence;

public sealed class EvidenceStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StationHealth _health = new(TimeProvider.System);
    private long _seq;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_verdict_that_is_not_OK_is_wanted_and_one_OK_in_so_many()
    {
        var store = Store(new() { BudgetMb = 1, OkOneIn = 3 });

        Assert.Equal([true, false, false, true, false], Enumerable.Range(0, 5).Select(_ => store.Wants(Given(Verdict.Ok))));
        Assert.True(store.Wants(Given(Verdict.Ng)));
        Assert.True(store.Wants(Given(Verdict.Invalid)));
        Assert.False(store.Wants(Given(Verdict.Timeout) with { Frame = null }));
        Assert.False(store.Wants(Given(Verdict.Collecting)));
        Assert.False(Store(new() { BudgetMb = 0 }).Wants(Given(Verdict.Ng)));
    }

    [Fact]
    public void The_oldest_goes_when_the_budget_is_used_up_also_after_a_restart()
    {
        var options = new EvidenceOptions { BudgetMb = 1 };
        var picture = new byte[300_000];
        var verdicts = Enumerable.Range(0, 5).Select(_ => Given(Verdict.Ng)).ToList();
        foreach (var verdict in verdicts.Take(3))
            Store(options).Keep(verdict, picture, ".png");
        var store = Store(options);

        foreach (var verdict in verdicts.Skip(3))
            store.Keep(verdict, picture, ".png");

        var kept = Directory.GetFiles(_folder.File("evidence"), "*.json", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).Order();
        Assert.Equal(verdicts.Skip(2).Select(v => v.Id.ToString()), kept);
        Assert.InRange(store.Bytes, 900_000, 1_000_000);
        Assert.Equal(store.Bytes, new DirectoryInfo(_folder.File("evidence")).GetFiles("*", SearchOption.AllDirectories).Sum(f => f.Length));
    }

    [Fact]
    public void A_disk_that_cannot_be_written_is_told_and_stops_nothing()
    {
        var store = Store(new() { BudgetMb = 1 });
        _health.Prepared();
        File.WriteAllText(Path.Combine(_folder.File("evidence"), "top"), "a file where the camera's folder should be");

        store.Keep(Given(Verdict.Ng), new byte[10], ".png");
        Assert.Contains("evidence is not kept", _health.Current.Reason, StringComparison.Ordinal);

        File.Delete(Path.Combine(_folder.File("evidence"), "top"));
        store.Keep(Given(Verdict.Ng), new byte[10], ".png");
        Assert.Null(_health.Current.Reason);
    }

    [Fact]
    public void Files_that_are_not_evidence_are_nobodys_to_delete()
    {
        Directory.CreateDirectory(_folder.File("evidence"));
        var bank = Path.Combine(_folder.File("evidence"), "0-part.mrfbank");
        File.WriteAllBytes(bank, new byte[900_000]);
        var store = Store(new() { BudgetMb = 1 });

        store.Keep(Given(Verdict.Ng), new byte[300_000], ".png");

        Assert.True(File.Exists(bank));
        Assert.InRange(store.Bytes, 300_000, 310_000);
    }

    [Fact]
    public void Evidence_that_somebody_has_taken_away_is_in_nobodys_way()
    {
        var options = new EvidenceOptions { BudgetMb = 1 };
        foreach (var camera in (string[])["left", "left", "top"])
            Store(options).Keep(Given(Verdict.Ng) with { Camera = camera }, new byte[300_000], ".png");
        var store = Store(options);
        Directory.Delete(Path.Combine(_folder.File("evidence"), "left"), recursive: true);

        store.Keep(Given(Verdict.Ng), new byte[300_000], ".png");
        store.Keep(Given(Verdict.Ng), new byte[300_000], ".png");

        Assert.Null(_health.Current.Reason);
        Assert.Equal(store.Bytes, new DirectoryInfo(_folder.File("evidence")).GetFiles("*", SearchOption.AllDirectories).Sum(f => f.Length));
        Assert.Equal(3, Directory.GetFiles(_folder.File("evidence"), "*.json", SearchOption.AllDirectories).Length);
    }

    private EvidenceStore Store(EvidenceOptions options) => new(options with { Folder = _folder.File("evidence") }, _health, NullLogger<EvidenceStore>.Instance);

    private VerdictMessage Given(Verdict verdict) => new()
    {
        Id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddSeconds(++_seq)),
        Seq = _seq,
        Station = "s1",
        Camera = "top",
        Trigger = new VerdictTrigger { Id = "t", Source = "mqtt", At = DateTimeOffset.UnixEpoch },
        Verdict = verdict,
        Frame = new VerdictFrame { WidthPx = 1, HeightPx = 1, Source = "f" },
        TimingsMs = new VerdictTimings { Total = 1 },
    };
}
