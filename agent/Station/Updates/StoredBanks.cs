using MrfAd.Contracts;

namespace MrfAd.Station.Updates;

/// <summary>The file <c>banks.json</c>: the state of the banks that must survive a restart. It is replaced as a whole at each change.</summary>
public sealed record StoredBanks
{
    /// <summary>Path, size and time of the configured file when this was written. Where it has changed since, the configured file is used and the state starts anew.</summary>
    public string Configured { get; init; } = "";

    /// <summary>The version in use; null where the configured file was never opened yet.</summary>
    public StoredVersion? Current { get; init; }

    /// <summary>The version to which a rollback returns; null where there is none.</summary>
    public StoredVersion? Previous { get; init; }

    /// <summary>The highest version of each bank id that ever judged here.</summary>
    public IReadOnlyDictionary<string, int> Trusted { get; init; } = new Dictionary<string, int>();

    /// <summary>The count of the first verdicts of a new version; null once they are over.</summary>
    public WatchedVerdicts? Watched { get; init; }

    /// <summary>The outcome of the last update; null where there was none.</summary>
    public BankOutcome? Last { get; init; }
}
