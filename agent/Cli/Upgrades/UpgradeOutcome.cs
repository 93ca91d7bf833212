namespace MrfAd.Cli.Upgrades;

/// <summary>The file <c>last.json</c> of the versions folder: how the last upgrade ended.</summary>
/// <param name="Current">The version that is started since then.</param>
/// <param name="Previous">The version that 'mrfad upgrade back' starts again; null where there is none.</param>
/// <param name="Reason">Why it ended so; null where the new version was accepted.</param>
public sealed record UpgradeOutcome(UpgradeResult Result, InstalledVersion Current, InstalledVersion? Previous, string? Reason, DateTimeOffset At);
