using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using MrfAd.Platform;

namespace MrfAd.Cli.Models;

/// <summary>
/// Downloads a file over a line that breaks: what is there already is not fetched again, as long as the server still has the same version
/// (HTTP Range with If-Range). Proxies are the environment's (HTTP_PROXY, HTTPS_PROXY, NO_PROXY).
/// </summary>
/// <param name="patience">Without a byte for so long, the connection is given up.</param>
/// <param name="pause">Before the second try; doubled before each further one.</param>
public sealed class Downloader(TimeSpan patience, TimeSpan pause, TimeProvider clock) : IDisposable
{
    // In a row without a single new byte.
    private const int Tries = 5;

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    /// <param name="path">Where it goes; while it is not whole there is only <c>path.part</c>.</param>
    /// <param name="bytes">How many it must be; null: as many as the server says.</param>
    /// <param name="most">A server that sends more is not believed.</param>
    /// <param name="progress">Told the bytes there are and, where it is known, how many there will be.</param>
    /// <returns>The path of the whole download, synced, still under its temporary name.</returns>
    /// <exception cref="FetchException">The server refuses, does not answer, or has another file.</exception>
    public async Task<string> FetchAsync(Uri url, string path, long? bytes, long most, Action<long, long?> progress, CancellationToken cancellation)
    {
        UserFiles.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var part = new PartialDownload(path, url);
        var (failures, delay, furthest) = (0, pause, part.File.Length);
        while (true)
        {
            try
            {
                await ReceiveAsync(url, part, bytes, most, progress, cancellation);
                part.File.Flush(flushToDisk: true);
                return part.Path;
            }
            catch (Exception e) when (e is HttpRequestException { StatusCode: null or >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout } or IOException or TimeoutException)
            {
                part.File.Flush();
                (failures, delay, furthest) = part.File.Length > furthest ? (1, pause, part.File.Length) : (failures + 1, delay, furthest);
                if (failures >= Tries)
                    throw new FetchException($"{url}: {e.Message} ({Tries} tries; the same command goes on from {part.File.Length} bytes)", e);
                await Task.Delay(delay, clock, cancellation);
                delay *= 2;
            }
            catch (HttpRequestException e)
            {
                throw new FetchException($"{url}: {e.Message}", e);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task ReceiveAsync(Uri url, PartialDownload part, long? bytes, long most, Action<long, long?> progress, CancellationToken cancellation)
    {
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            if (part.Version is { Length: { } whole } && part.File.Length == whole)
                return; // only the last step was missing
            watch.CancelAfter(patience);
            using var response = await _http.SendAsync(Request(url, part), HttpCompletionOption.ResponseHeadersRead, watch.Token);
            Accept(response, url, part);
            var expected = part.Version!.Length;
            if ((bytes ?? expected) is { } announced && (announced > most || (expected is { } told && bytes is { } wanted && told != wanted)))
                throw Refused(part, $"{url}: has {expected} bytes, want {(bytes is null ? $"at most {most}" : $"{bytes}")}");

            await using var body = await response.Content.ReadAsStreamAsync(watch.Token);
            var buffer = new byte[1 << 18];
            while (true)
            {
                watch.CancelAfter(patience);
                var read = await body.ReadAsync(buffer, watch.Token);
                if (read == 0)
                    break;
                part.File.Write(buffer, 0, read);
                if (part.File.Length > (bytes ?? expected ?? most))
                    throw Refused(part, $"{url}: sends more than the {bytes ?? expected ?? most} bytes it should");
                progress(part.File.Length, bytes ?? expected);
            }

            if ((bytes ?? expected) is { } size && part.File.Length < size)
                throw new HttpIOException(HttpRequestError.ResponseEnded, $"the connection ended after {part.File.Length} of {size} bytes");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing came for {patience.TotalSeconds:0.#} s");
        }
    }

    private static HttpRequestMessage Request(Uri url, PartialDownload part)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (part.File.Length == 0 || part.Version?.Tag is not { } tag)
            return request;
        request.Headers.Range = new RangeHeaderValue(part.File.Length, null);
        request.Headers.TryAddWithoutValidation("If-Range", tag);
        return request;
    }

    /// <summary>Puts the file where the answer's first byte belongs.</summary>
    private static void Accept(HttpResponseMessage response, Uri url, PartialDownload part)
    {
        var tag = response.Headers.ETag is { IsWeak: false } strong ? strong.Tag : response.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture);
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            var range = response.Content.Headers.ContentRange;
            if (part.Version is { } version && range?.From == part.File.Length && range.Length == version.Length && tag == version.Tag)
                return;
            part.Restart(); // another version, or another part of it, in spite of If-Range
            throw new HttpIOException(HttpRequestError.InvalidResponse, "the server gives another part of the file than was asked for");
        }

        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            part.Restart();
            throw new HttpIOException(HttpRequestError.InvalidResponse, "the file has become shorter");
        }

        response.EnsureSuccessStatusCode();
        part.Begin(new DownloadVersion(url, tag, response.Content.Headers.ContentLength));
    }

    private static FetchException Refused(PartialDownload part, string why)
    {
        part.Restart();
        return new FetchException(why);
    }
}
