namespace MrfAd.Station.Updates;

/// <summary>The first verdicts of a new bank.</summary>
/// <param name="Left">So many are still to come.</param>
/// <param name="Alarms">NG, or not judged.</param>
/// <param name="MostAlarms">More bring the previous bank back.</param>
/// <param name="Starts">Of the station since its last verdict by this bank: a bank that ends the process gives none.</param>
public sealed record WatchedVerdicts(int Left, int Alarms, int MostAlarms, int Starts)
{
    /// <summary>A bank that ends the process is opened so many times at the most.</summary>
    public const int MostStarts = 3;
}
