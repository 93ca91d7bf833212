namespace MrfAd.Station.Capture;

/// <summary>A call did not come back in time; its thread was left alone.</summary>
public sealed class StuckCallException(string message) : IOException(message);
