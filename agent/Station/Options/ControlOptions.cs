namespace MrfAd.Station.Options;

/// <summary>What may be asked of the station over MQTT, and by whom beyond the broker's own rules.</summary>
public sealed record ControlOptions
{
    /// <summary>Where there is one, every command must be signed by one of them.</summary>
    public IReadOnlyList<TrustedKey> TrustedKeys { get; init; } = [];

    /// <summary>Between the time in a signed command and the station's clock, either way.</summary>
    public TimeSpan SignatureFreshFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A threshold may be set from the bank's own divided by this to the bank's own times this.</summary>
    public double ThresholdWithin { get; init; } = 2;
}
