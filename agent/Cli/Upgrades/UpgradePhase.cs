namespace MrfAd.Cli.Upgrades;

/// <summary>The phase of an upgrade whose outcome is open.</summary>
public enum UpgradePhase
{
    /// <summary>The new version is started and watched.</summary>
    Trial,

    /// <summary>The previous version is to be started again.</summary>
    Back,
}
