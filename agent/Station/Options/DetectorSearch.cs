namespace MrfAd.Station.Options;

/// <summary>The extent of the search in a bank.</summary>
public enum DetectorSearch
{
    /// <summary>Patches are searched exactly where they can change the verdict or are seen in a heatmap; elsewhere the map holds upper bounds.</summary>
    Certified,

    /// <summary>Every patch is searched exactly.</summary>
    Full,
}
