namespace MrfAd.Station.Statistics;

/// <summary>The periods that verdicts are counted in.</summary>
public enum Period
{
    Hour,
    Shift,
    Day,
}
