namespace MrfAd.Station.Options;

/// <summary>Where <c>/healthz</c>, <c>/metrics</c> and <c>/inspect</c> are served.</summary>
public sealed record HttpOptions
{
    /// <summary>An IP address of this machine.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>0: any free port; the chosen one is printed.</summary>
    public int Port { get; init; } = 9464;

    /// <summary>Of an image sent to <c>/inspect</c>.</summary>
    public int MaxUploadMb { get; init; } = 64;

    /// <summary>Holds the token that <c>/inspect</c> wants to be shown. Null: it asks for none.</summary>
    public string? TokenFile { get; init; }
}
