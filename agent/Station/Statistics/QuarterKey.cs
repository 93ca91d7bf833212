namespace MrfAd.Station.Statistics;

/// <summary>The key by which verdicts are summed.</summary>
/// <param name="Quarter">The quarter of an hour, counted from 1970 UTC: every border of hours, shifts and days lies between two, in all time zones.</param>
/// <param name="Product">The product; empty where the parts carry none.</param>
internal readonly record struct QuarterKey(long Quarter, string Camera, string Product)
{
    /// <summary>The length of a quarter in milliseconds.</summary>
    public const long Length = 15 * 60 * 1000;
}
