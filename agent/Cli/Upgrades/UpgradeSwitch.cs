namespace MrfAd.Cli.Upgrades;

/// <summary>
/// The changes of the versions folder, each whole or not at all: the journal is written first, and the start of the service brings everything else in line with it.
/// So after a kill or a power loss at any moment a version runs that can read the state folder.
/// </summary>
public sealed class UpgradeSwitch(VersionsFolder versions, TimeProvider clock)
{
    // systemd starts a program that ends by itself again and again: so often the new version may.
    private const int MaxStarts = 3;

    /// <summary>Begins a trial; the new version is started with the next start of the service.</summary>
    public void Begin(UpgradeJournal journal)
    {
        using var _ = versions.LockJournal();
        versions.Write(journal);
        versions.Switch(journal.New.Folder);
    }

    /// <summary>Accepts the new version. It and the one before it stay on the disk.</summary>
    /// <returns>False where the trial has ended otherwise meanwhile.</returns>
    public bool Accept(UpgradeJournal trial)
    {
        using var _ = versions.LockJournal();
        if (versions.Journal() is not { Phase: UpgradePhase.Trial } journal || journal.New != trial.New)
            return false;
        versions.Switch(journal.New.Folder);
        versions.End(new UpgradeOutcome(UpgradeResult.Accepted, journal.New, journal.Old, null, clock.GetUtcNow()));
        versions.DeleteAllBut(journal.New.Folder, journal.Old.Folder);
        return true;
    }

    /// <summary>Decides that the old version comes back, with the next start of the service.</summary>
    public void GoBack(UpgradeJournal journal, string reason)
    {
        using var _ = versions.LockJournal();
        if (versions.Journal() is not { } open)
            return;
        versions.Write(open with { Phase = UpgradePhase.Back, Reason = open.Reason ?? reason });
        versions.Switch(journal.Old.Folder);
    }

    /// <summary>
    /// Brings versions folder and state folder in line with the journal, before the service starts: counts the starts of a version on trial, goes back where they are too
    /// many or its time is over, and takes the state folder back to the version that the old program reads.
    /// </summary>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        using var _ = versions.LockJournal();
        if (versions.Journal() is not { } journal)
            return;
        if (journal.Phase == UpgradePhase.Trial && journal.Starts < MaxStarts && clock.GetUtcNow() < journal.Deadline)
        {
            versions.Write(journal with { Starts = journal.Starts + 1 });
            versions.Switch(journal.New.Folder);
            return;
        }

        var reason = journal.Reason ?? (journal.Starts >= MaxStarts ? $"{journal.New.Version} ended {MaxStarts} times before it was Ready" : $"{journal.New.Version} was not Ready by {journal.Deadline:u}");
        versions.Write(journal with { Phase = UpgradePhase.Back, Reason = reason });
        versions.Switch(journal.Old.Folder);
        if (await TakeStateBackAsync(journal, cancellation) is { } trouble)
            reason = $"{reason}; {trouble}";
        // By hand one may go forth again, after a trial not.
        var previous = journal.ByHand ? journal.New : versions.Last()?.Previous;
        versions.End(new UpgradeOutcome(UpgradeResult.Back, journal.Old, previous == journal.Old ? null : previous, reason, clock.GetUtcNow()));
        versions.DeleteAllBut(journal.Old.Folder, previous?.Folder);
    }

    /// <summary>Lets the new program, which alone knows its state folder, take it back.</summary>
    /// <returns>What kept it from doing so; null where nothing did.</returns>
    private static async Task<string?> TakeStateBackAsync(UpgradeJournal journal, CancellationToken cancellation)
    {
        try
        {
            var (code, _, errors) = await new ServiceUser(journal.StateFolder, []).RunAsync(
                journal.New.Program, ["upgrade", "take-back", journal.StateFolder, "--to", $"{journal.OldStateVersion}"], [], cancellation);
            return code == 0 ? null : $"the state folder stays as it is: {errors}";
        }
        catch (IOException e)
        {
            return $"the state folder stays as it is: {e.Message}";
        }
    }
}
