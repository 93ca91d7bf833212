namespace MrfAd.Engine.Fusion;

/// <summary>Neighbouring pixels of one row of a map: from <paramref name="X0"/> up to, not including, <paramref name="X1"/>.</summary>
public readonly record struct PixelRun(int Y, int X0, int X1);
