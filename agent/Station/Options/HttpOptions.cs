namespace MrfAd.Station.Options;

/// <summary>The options of the HTTP server for <c>/healthz</c>, <c>/metrics</c>, <c>/inspect</c> and the page.</summary>
public sealed record HttpOptions
{
    /// <summary>The IP address of this machine at which the server listens.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>The TCP port; with 0 a free port is chosen and printed.</summary>
    public int Port { get; init; } = 9464;

    /// <summary>The names by which this station is called, beside its IP addresses, localhost and its host name; a request under another name is refused.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The maximum size of an image sent to <c>/inspect</c>, in MB.</summary>
    public int MaxUploadMb { get; init; } = 64;

    /// <summary>The file with the token that requests to <c>/inspect</c> must show; with null none is asked for.</summary>
    public string? TokenFile { get; init; }
}
