namespace MrfAd.Cli.Upgrades;

/// <summary>How an upgrade ended.</summary>
public enum UpgradeResult
{
    /// <summary>The new version became Ready and stays.</summary>
    Accepted,

    /// <summary>The previous version runs again.</summary>
    Back,
}
