using MrfAd.Contracts;

namespace MrfAd.Cli.Upgrades;

/// <summary>Carries out an upgrade whose journal is written: restarts the service, watches the new version, and accepts it or goes back.</summary>
internal sealed class TrialWatch(VersionsFolder versions, UpgradeSwitch change, TimeProvider clock, Action<string> say)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // A version that ends soon after it was Ready is not accepted.
    private static readonly TimeSpan ReadyFor = TimeSpan.FromSeconds(5);

    // A bank of gigabytes may be loaded from a slow disk.
    private static readonly TimeSpan ReturnLimit = TimeSpan.FromMinutes(5);

    /// <returns>How the upgrade ended.</returns>
    public async Task<UpgradeOutcome> RunAsync(CancellationToken cancellation)
    {
        if (versions.Journal() is { Phase: UpgradePhase.Trial } trial)
            await TryAsync(trial, new ServiceUnit(trial.Unit), cancellation);
        if (versions.Journal() is { Phase: UpgradePhase.Back } back)
            await ReturnAsync(back, new ServiceUnit(back.Unit), cancellation);
        return versions.Last() ?? throw new IOException($"{versions.Root} has no outcome of the upgrade: somebody else has changed it");
    }

    private async Task TryAsync(UpgradeJournal trial, ServiceUnit unit, CancellationToken cancellation)
    {
        if (unit.RunningFolder() != trial.New.Folder)
        {
            unit.Restart();
            say($"restarting {unit.Name}");
        }

        var (readySince, seen, missing) = (0L, "", "it was not started");
        while (versions.Journal() is { Phase: UpgradePhase.Trial })
        {
            if (clock.GetUtcNow() >= trial.Deadline)
            {
                change.GoBack(trial, $"{trial.New.Version} was not Ready within the time: {missing}");
                break;
            }

            if (await MissingAsync(trial, unit, cancellation) is not { } still)
            {
                readySince = readySince == 0 ? clock.GetTimestamp() : readySince;
                Say($"{trial.New.Version} is Ready");
                if (clock.GetElapsedTime(readySince) >= ReadyFor && change.Accept(trial))
                    return;
            }
            else
            {
                (readySince, missing) = (0, still);
                Say($"waiting: {still}");
            }

            await Task.Delay(Interval, clock, cancellation);
        }

        void Say(string what)
        {
            if (seen != what)
                say(seen = what);
        }
    }

    /// <returns>What the new version still lacks to be accepted; null where it lacks nothing.</returns>
    private static async Task<string?> MissingAsync(UpgradeJournal trial, ServiceUnit unit, CancellationToken cancellation)
    {
        if (unit.RunningFolder() != trial.New.Folder)
            return $"{trial.New.Version} does not run";
        return await StationProbe.StateAsync(trial.Health, cancellation) switch
        {
            null => $"nobody answers at {trial.Health}",
            { Version: var version } when version != trial.New.Version => $"{trial.Health} is answered by version {version ?? "unknown"}",
            { State: not (StationState.Ready or StationState.Running) } state => $"it is {state.State}{(state.Reason is { } reason ? $": {reason}" : "")}",
            { SelfTest: false } => "its reference parts are not judged yet, or not as they should be",
            _ => null,
        };
    }

    private async Task ReturnAsync(UpgradeJournal back, ServiceUnit unit, CancellationToken cancellation)
    {
        say($"going back to {back.Old.Version}: {back.Reason}");
        unit.Restart();
        for (var since = clock.GetTimestamp(); versions.Journal() is not null;)
        {
            if (clock.GetElapsedTime(since) > ReturnLimit)
                throw new IOException($"{unit.Name} was not started again within {ReturnLimit.TotalMinutes:0} minutes: systemctl status {unit.Name}");
            await Task.Delay(Interval, clock, cancellation);
        }

        for (var since = clock.GetTimestamp(); clock.GetElapsedTime(since) < ReturnLimit; await Task.Delay(Interval, clock, cancellation))
        {
            if (await StationProbe.StateAsync(back.Health, cancellation) is not { State: not StationState.Preparing } state || (state.Version ?? "unknown") != back.Old.Version)
                continue;
            say($"{back.Old.Version} is {state.State}{(state.Reason is { } reason ? $": {reason}" : "")}");
            return;
        }

        say($"{back.Old.Version} was not Ready within {ReturnLimit.TotalMinutes:0} minutes either: journalctl -u {unit.Name}");
    }
}
