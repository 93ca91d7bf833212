using MrfAd.Contracts;

namespace MrfAd.Station.Outbox;

/// <summary>A view of a part that an earlier run has not judged.</summary>
/// <param name="Part">The id of the part.</param>
public sealed record StoredView(string Part, PartView View, string? Product, string? Serial);
