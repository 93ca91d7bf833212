namespace MrfAd.Station.Mqtt;

/// <summary>The end of one connection, or of an attempt to connect.</summary>
/// <param name="Reason">One sentence.</param>
public readonly record struct ConnectionEnd(ConnectionEndKind Kind, string Reason);
