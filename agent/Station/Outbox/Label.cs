namespace MrfAd.Station.Outbox;

/// <summary>What a letter is: its way to the broker, and what it is found by.</summary>
public sealed record Label
{
    public required string Topic { get; init; }

    public required string ContentType { get; init; }

    public required string Camera { get; init; }

    public required long Seq { get; init; }

    /// <summary>The verdict's id; also of a picture.</summary>
    public required Guid Id { get; init; }

    /// <summary>The trigger's id.</summary>
    public required string Trigger { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>A picture's verdict, by its number among the verdicts: that one goes first. 0: none.</summary>
    public long Follows { get; init; }
}
