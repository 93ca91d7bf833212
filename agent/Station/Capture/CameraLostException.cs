namespace MrfAd.Station.Capture;

/// <summary>A camera is absent or no longer responds; it must be closed and opened again.</summary>
public sealed class CameraLostException(string message) : IOException(message);
