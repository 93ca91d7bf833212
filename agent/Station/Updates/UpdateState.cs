namespace MrfAd.Station.Updates;

/// <summary>The states of an update whose offer was accepted, in the order of UPDATE-PROTOCOL.md; in any of them it may end as refused or cancelled.</summary>
public enum UpdateState
{
    /// <summary>The free space is checked, and the chunks are fetched.</summary>
    Transferring,

    /// <summary>The complete file is compared with its manifest.</summary>
    Checking,

    /// <summary>The new version judges reference parts and stored frames, and is compared with the version in use.</summary>
    Shadowing,

    /// <summary>The new version is opened, warmed up, and takes over between two frames.</summary>
    Swapping,

    /// <summary>The new version judges the line; <see cref="CanaryMonitor"/> watches it.</summary>
    Accepted,
}
