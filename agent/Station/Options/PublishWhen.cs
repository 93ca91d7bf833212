namespace MrfAd.Station.Options;

/// <summary>The verdicts with which a picture is published.</summary>
public enum PublishWhen
{
    /// <summary>With no verdict.</summary>
    Never,

    /// <summary>With every verdict but OK.</summary>
    Ng,

    /// <summary>With every verdict.</summary>
    Always,
}
