namespace MrfAd.Station.Options;

/// <summary>The limits of commands over MQTT, beyond the broker's own access rules.</summary>
public sealed record ControlOptions
{
    /// <summary>The keys that may sign commands; with at least one, every command must be signed by one of them.</summary>
    public IReadOnlyList<TrustedKey> TrustedKeys { get; init; } = [];

    /// <summary>The maximum difference, in either direction, between the time in a signed command and the station's clock, 1 ms to 24 h.</summary>
    public TimeSpan SignatureFreshFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The maximum factor, at least 1, by which a command may set a threshold below or above the bank's own.</summary>
    public double ThresholdWithin { get; init; } = 2;
}
