namespace MrfAd.Station.Options;

/// <summary>A part of the sensor, px.</summary>
public sealed record SensorRegion(int X, int Y, int Width, int Height);
