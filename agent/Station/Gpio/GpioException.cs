namespace MrfAd.Station.Gpio;

/// <summary>A GPIO line cannot be used; the message names the line and the reason.</summary>
public sealed class GpioException(string message) : IOException(message);
