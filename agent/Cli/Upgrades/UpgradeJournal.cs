namespace MrfAd.Cli.Upgrades;

/// <summary>The file <c>journal.json</c> of the versions folder, which is there while the outcome of an upgrade is open. Every start of the service reads it.</summary>
public sealed record UpgradeJournal
{
    public const string SchemaName = "mrfad.upgrade.v1";

    /// <summary>Name and version of this format.</summary>
    public string Schema { get; init; } = SchemaName;

    public required UpgradePhase Phase { get; init; }

    public required InstalledVersion New { get; init; }

    /// <summary>The version to go back to.</summary>
    public required InstalledVersion Old { get; init; }

    /// <summary>The version of the state folder that the old version reads.</summary>
    public required int OldStateVersion { get; init; }

    public required string StateFolder { get; init; }

    /// <summary>The name of the service.</summary>
    public required string Unit { get; init; }

    /// <summary>The address of the station's <c>/healthz</c>.</summary>
    public required string Health { get; init; }

    /// <summary>The time by which the new version must be Ready.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>How often the new version was started.</summary>
    public int Starts { get; init; }

    /// <summary>True where somebody asked for the old version: the new one stays on the disk.</summary>
    public bool ByHand { get; init; }

    /// <summary>Why the old version comes back; null on trial.</summary>
    public string? Reason { get; init; }
}
