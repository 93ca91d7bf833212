namespace MrfAd.Station.Tests.Statistics;

/// <summary>Random values.</summary>
internal static class Draw
{
    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
