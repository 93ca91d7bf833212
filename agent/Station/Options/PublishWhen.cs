namespace MrfAd.Station.Options;

/// <summary>The verdicts with which a picture is published.</summary>
public enum PublishWhen
{
    /// <summary>The picture is never published.</summary>
    Never,

    /// <summary>The picture is published with every verdict except OK.</summary>
    Ng,

    /// <summary>The picture is published with every verdict.</summary>
    Always,
}
