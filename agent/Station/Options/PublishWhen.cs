namespace MrfAd.Station.Options;

public enum PublishWhen
{
    Never,

    /// <summary>With every verdict but OK.</summary>
    Ng,

    Always,
}
