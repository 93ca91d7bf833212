namespace MrfAd.Station.Options;

/// <summary>By which of the two papers a model judges.</summary>
public enum DetectorMethod
{
    /// <summary>A bank, from <c>mrfad learn</c>.</summary>
    MrfAd,

    /// <summary>A trained model, from <c>mrfad train</c>.</summary>
    Hlgfa,
}
