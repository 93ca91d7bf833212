using System.Threading.Channels;
using MrfAd.Contracts;
using MrfAd.Station.Inspection;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Updates;

/// <summary>Watches the first verdicts of a new version. Where too many are NG or INVALID, the station rolls back to the previous version by itself.</summary>
public sealed class CanaryMonitor(StationBank bank, RecentFrames recent, BankStatus status, StationHealth health) : Worker(health)
{
    private readonly StationHealth _health = health;

    private string Part => $"bank{bank.Of}";

    // A few verdicts more or less do not matter: those that find the channel full are not counted.
    private readonly Channel<bool> _alarms = Channel.CreateBounded<bool>(1000);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        recent.Judged += Count;
        try
        {
            await foreach (var alarm in _alarms.Reader.ReadAllAsync(stopping))
                await Task.Run(() => Watch(alarm), stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The counts are on disk.
        }
        finally
        {
            recent.Judged -= Count;
        }
    }

    private void Count(InspectionReport report)
    {
        // A missing frame is the camera's fault and not counted; a frame that could not be judged is the bank's.
        if (bank.Judges(report.Shot.Camera.Options.Name, report.Shot.Trigger.Product) && bank.Store.Banks is { Watched: not null, Current: { } current } && report.Shot.Frame is not null && report.Verdict != Verdict.Collecting
            && (report.Judgement is not { } judgement || judgement.By.BankSha256 == current.Sha256))
            _alarms.Writer.TryWrite(report.Verdict != Verdict.Ok);
    }

    private void Watch(bool alarm)
    {
        if (bank.Store.Banks is not { Watched: { } watched, Current: { } version })
            return;
        watched = watched with { Left = watched.Left - 1, Alarms = watched.Alarms + (alarm ? 1 : 0), Starts = 0 };
        try
        {
            if (watched.Alarms > watched.MaxAlarms)
                bank.RollBack("station", $"{watched.Alarms} of its first verdicts were NG or could not be given, want at most {watched.MaxAlarms}", version);
            else if (watched.Left > 0)
                Change(version, banks => banks with { Watched = watched });
            else
                Confirm(version, $"{watched.Alarms} of its first verdicts were NG or could not be given, want at most {watched.MaxAlarms}");
            _health.Set(Part, null);
        }
        catch (Exception e) when (e is IOException or UpdateRefusedException)
        {
            _health.Set(Part, $"{version} is watched, and that cannot be acted on: {e.Message}");
        }

        status.NotifyChanged();
    }

    private void Confirm(StoredVersion version, string reason)
    {
        bank.Audit("station", UpdateResult.Confirmed, version, reason);
        Change(version, banks => banks with { Watched = null, Last = bank.Outcome(version, UpdateResult.Confirmed, reason) });
    }

    /// <summary>Changes the stored state, unless another version has taken over meanwhile.</summary>
    private void Change(StoredVersion version, Func<StoredBanks, StoredBanks> change) => bank.Store.Change(banks => banks.Current == version ? change(banks) : banks);
}
