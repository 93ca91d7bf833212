namespace MrfAd.Station.Control;

/// <summary>One command as it came.</summary>
/// <param name="Payload">JSON, or nothing.</param>
/// <param name="CorrelationId">What its sender calls it: the correlation data as hexadecimal; null where there is none.</param>
/// <param name="Signer">The id of the key that signed it; null where none did.</param>
public sealed record CommandCall(string Name, ReadOnlyMemory<byte> Payload, string? CorrelationId, string? Signer = null);
