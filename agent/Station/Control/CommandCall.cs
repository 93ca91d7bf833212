using System.Diagnostics;

namespace MrfAd.Station.Control;

/// <summary>One command as it was received.</summary>
/// <param name="Name">The name of the command, its last topic level.</param>
/// <param name="Payload">The payload as JSON; may be empty.</param>
/// <param name="CorrelationId">The correlation data as hexadecimal digits; null where there is none.</param>
/// <param name="Signer">The id of the key that signed the command; null where it is not signed.</param>
/// <param name="Sender">The span of the sender, where the command carries a <c>traceparent</c> and traces are on.</param>
public sealed record CommandCall(string Name, ReadOnlyMemory<byte> Payload, string? CorrelationId, string? Signer = null, ActivityContext Sender = default);
