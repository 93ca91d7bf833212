namespace MrfAd.Agent.Reporting;

public enum PublishWhen
{
    Never,

    /// <summary>With every verdict but OK.</summary>
    Ng,

    Always,
}
