namespace MrfAd.Engine.Search;

/// <summary>The rows with which a search compares its queries.</summary>
public enum SearchPass
{
    /// <summary>All rows; the answer is the nearest one.</summary>
    Full,

    /// <summary>The guess and a few rows that are spread over the bank, in a fraction of the time; the distance to the answer is never below that to the nearest row.</summary>
    Bound,

    /// <summary>All rows, after <see cref="Bound"/> has given the guesses; the answer is the nearest one.</summary>
    Refine,
}
