namespace MrfAd.Station.Updates;

/// <summary>The state of an update that was accepted as an offer, in the order of UPDATE-PROTOCOL.md; at any of them it may end as refused or given up.</summary>
public enum UpdateState
{
    /// <summary>Room is made sure of, and chunks are fetched.</summary>
    Transferring,

    /// <summary>The whole file is compared with its manifest.</summary>
    Checking,

    /// <summary>It judges golden parts and stored frames beside the version in use.</summary>
    Shadowing,

    /// <summary>It is opened, warmed up and takes over between two frames.</summary>
    Swapping,

    /// <summary>It judges; <see cref="CanaryMonitor"/> watches it.</summary>
    Accepted,
}
