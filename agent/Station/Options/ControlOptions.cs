namespace MrfAd.Station.Options;

/// <summary>The limits of commands over MQTT, beyond the broker's own access rules.</summary>
public sealed record ControlOptions
{
    /// <summary>The keys that may sign commands. A command that changes how parts are judged must be signed by one of them; without keys none is accepted.</summary>
    public IReadOnlyList<TrustedKey> TrustedKeys { get; init; } = [];

    /// <summary>Other kinds of commands that must be signed too.</summary>
    public IReadOnlyList<CommandKind> AlsoSigned { get; init; } = [];

    /// <summary>Accepts commands that change how parts are judged without a signature, from whoever may publish on <c>cmd/</c>.</summary>
    public bool AllowUnsigned { get; init; }

    /// <summary>The maximum difference, in either direction, between the time in a signed command and the station's clock, 1 ms to 24 h.</summary>
    public TimeSpan SignatureFreshFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The maximum factor, at least 1, by which a command may set a threshold below or above the bank's own.</summary>
    public double ThresholdWithin { get; init; } = 2;
}
