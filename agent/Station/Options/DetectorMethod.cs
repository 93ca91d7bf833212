namespace MrfAd.Station.Options;

/// <summary>The paper whose method a model follows.</summary>
public enum DetectorMethod
{
    /// <summary>A memory bank, made by <c>mrfad learn</c>.</summary>
    MrfAd,

    /// <summary>A trained student model, made by <c>mrfad train</c>.</summary>
    Hlgfa,
}
