namespace MrfAd.Station.Capture;

/// <summary>A camera is absent, or no longer does what it is told: close it and open it again.</summary>
public sealed class CameraLostException(string message) : IOException(message);
