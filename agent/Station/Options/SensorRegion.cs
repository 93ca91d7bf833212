namespace MrfAd.Station.Options;

/// <summary>A rectangle of the sensor in px.</summary>
public sealed record SensorRegion(int X, int Y, int Width, int Height);
