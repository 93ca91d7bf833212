using MrfAd.Contracts;

namespace MrfAd.Station.Updates;

/// <summary><c>banks.json</c>: all that the station must know of its banks after a restart. Written whole, at each change.</summary>
public sealed record StoredBanks
{
    /// <summary>Path, size and time of the file that the configuration named when this was written; another one replaces all.</summary>
    public string Configured { get; init; } = "";

    /// <summary>Null: the configured file, never opened yet.</summary>
    public StoredVersion? Current { get; init; }

    public StoredVersion? Previous { get; init; }

    /// <summary>By id, the highest version that ever judged here.</summary>
    public IReadOnlyDictionary<string, int> Trusted { get; init; } = new Dictionary<string, int>();

    /// <summary>The current one's first verdicts; null: they are over.</summary>
    public WatchedVerdicts? Watched { get; init; }

    public BankOutcome? Last { get; init; }
}
