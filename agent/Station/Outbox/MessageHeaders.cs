namespace MrfAd.Station.Outbox;

/// <summary>The headers of a message: its topic and content type, and the fields by which it is found.</summary>
public sealed record MessageHeaders
{
    public required string Topic { get; init; }

    public required string ContentType { get; init; }

    public required string Camera { get; init; }

    public required long Seq { get; init; }

    /// <summary>The verdict's id; a picture has the id of its verdict.</summary>
    public required Guid Id { get; init; }

    /// <summary>The trigger's id.</summary>
    public required string Trigger { get; init; }

    /// <summary>When the trigger came.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>For a verdict, the W3C <c>traceparent</c> of its part's span; null where the part has no trace.</summary>
    public string? Traceparent { get; init; }
}
