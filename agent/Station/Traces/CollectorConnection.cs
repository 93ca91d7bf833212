using System.Globalization;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Traces;

/// <summary>The HTTP connection to the collector: adds the configured headers to each request, and notes why the last one failed.</summary>
internal sealed class CollectorConnection : DelegatingHandler
{
    private readonly List<(string Name, string Value)> _headers;
    private readonly TimeSpan _timeout;

    /// <exception cref="IOException">The headers file cannot be read or used; the text names it, and shows nothing of it.</exception>
    public CollectorConnection(TracesOptions options)
        : base(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
    {
        Endpoint = options.Endpoint!.TrimEnd('/');
        _timeout = options.Timeout;
        _headers = options.HeadersFile is { } file ? [.. Headers(file)] : [];
    }

    /// <summary>The address of the collector, without a slash at its end.</summary>
    public string Endpoint { get; }

    /// <summary>The reason why the last request failed; null where it did not.</summary>
    public string? LastError { get; private set; }

    public HttpClient Client() => new(this, disposeHandler: false) { Timeout = _timeout };

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Noted(base.Send(WithHeaders(request), cancellationToken));
        }
        catch (Exception e) when (Note(e))
        {
            throw;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Noted(await base.SendAsync(WithHeaders(request), cancellationToken));
        }
        catch (Exception e) when (Note(e))
        {
            throw;
        }
    }

    /// <summary>Reads the lines <c>Name: value</c> of a headers file.</summary>
    private static IEnumerable<(string Name, string Value)> Headers(string file)
    {
        using var probe = new HttpRequestMessage();
        foreach (var (i, line) in UserFiles.ReadText(file).Split('\n').Select(line => line.Trim()).Index().Where(line => line.Item.Length > 0))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = colon < 0 ? ("", "") : (line[..colon].Trim(), line[(colon + 1)..].Trim());
            if (value.Length == 0 || value.Any(char.IsControl) || !probe.Headers.TryAddWithoutValidation(name, value))
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{file}: line {i + 1} is no header of a request; want 'Name: value'"));
            yield return (name, value);
        }
    }

    private HttpRequestMessage WithHeaders(HttpRequestMessage request)
    {
        foreach (var (name, value) in _headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private HttpResponseMessage Noted(HttpResponseMessage answer)
    {
        LastError = answer.IsSuccessStatusCode ? null : string.Create(CultureInfo.InvariantCulture, $"it answers {(int)answer.StatusCode} {answer.ReasonPhrase}");
        return answer;
    }

    /// <returns>False: the exception goes on to the caller.</returns>
    private bool Note(Exception error)
    {
        LastError = error is OperationCanceledException ? $"no answer within {_timeout.TotalSeconds:0.###} s" : error.GetBaseException().Message;
        return false;
    }
}
