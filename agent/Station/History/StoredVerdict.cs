namespace MrfAd.Station.History;

/// <summary>A stored verdict with all that was kept of it.</summary>
public sealed record StoredVerdict
{
    public required long Number { get; init; }

    /// <summary>The message as it was published, JSON.</summary>
    public required string Message { get; init; }

    /// <summary>The hottest spots with the normal patches nearest to them, JSON; null where none were kept.</summary>
    public required string? Spots { get; init; }

    public required IReadOnlyList<StoredPicture> Pictures { get; init; }

    /// <summary>The labels that people gave the part, the newest first.</summary>
    public required IReadOnlyList<PartLabel> Labels { get; init; }
}
