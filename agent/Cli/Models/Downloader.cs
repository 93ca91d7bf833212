using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using MrfAd.Platform;

namespace MrfAd.Cli.Models;

/// <summary>
/// Downloads a file over an unreliable connection: a partial download is resumed if the server still has the same version
/// (HTTP Range with If-Range). Proxies are the environment's (HTTP_PROXY, HTTPS_PROXY, NO_PROXY).
/// </summary>
/// <param name="timeout">Time without a received byte after which a connection is closed.</param>
/// <param name="pause">Delay before the second try; it doubles before each further one.</param>
public sealed class Downloader(TimeSpan timeout, TimeSpan pause, TimeProvider clock) : IDisposable
{
    // Maximum number of tries in a row without a new byte.
    private const int Tries = 5;

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    /// <param name="path">Path of the file; an incomplete download is <c>path.part</c>.</param>
    /// <param name="bytes">Expected size; null accepts the size that the server announces.</param>
    /// <param name="maxBytes">Maximum size; a larger download is refused.</param>
    /// <param name="progress">Called with the number of bytes received and, if known, the total.</param>
    /// <returns>The path of the complete download, flushed to disk, still under its temporary name.</returns>
    /// <exception cref="FetchException">The server refuses, does not respond, or has another file.</exception>
    public async Task<string> FetchAsync(Uri url, string path, long? bytes, long maxBytes, Action<long, long?> progress, CancellationToken cancellation)
    {
        UserFiles.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var part = new PartialDownload(path, url);
        var (failures, delay, furthest) = (0, pause, part.File.Length);
        while (true)
        {
            try
            {
                await ReceiveAsync(url, part, bytes, maxBytes, progress, cancellation);
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

    private async Task ReceiveAsync(Uri url, PartialDownload part, long? bytes, long maxBytes, Action<long, long?> progress, CancellationToken cancellation)
    {
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            if (part.Version is { Length: { } whole } && part.File.Length == whole)
                return; // the download was complete, only the last step was missing
            watch.CancelAfter(timeout);
            using var response = await _http.SendAsync(Request(url, part), HttpCompletionOption.ResponseHeadersRead, watch.Token);
            Accept(response, url, part);
            var expected = part.Version!.Length;
            if ((bytes ?? expected) is { } announced && (announced > maxBytes || (expected is { } sent && bytes is { } wanted && sent != wanted)))
                throw Refused(part, $"{url}: has {expected} bytes, want {(bytes is null ? $"at most {maxBytes}" : $"{bytes}")}");

            await using var body = await response.Content.ReadAsStreamAsync(watch.Token);
            var buffer = new byte[1 << 18];
            while (true)
            {
                watch.CancelAfter(timeout);
                var read = await body.ReadAsync(buffer, watch.Token);
                if (read == 0)
                    break;
                part.File.Write(buffer, 0, read);
                if (part.File.Length > (bytes ?? expected ?? maxBytes))
                    throw Refused(part, $"{url}: sends more than the {bytes ?? expected ?? maxBytes} bytes it should");
                progress(part.File.Length, bytes ?? expected);
            }

            if ((bytes ?? expected) is { } size && part.File.Length < size)
                throw new HttpIOException(HttpRequestError.ResponseEnded, $"the connection ended after {part.File.Length} of {size} bytes");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing came for {timeout.TotalSeconds:0.#} s");
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

    /// <summary>Checks the response's headers and moves the file to the position of the response's first byte.</summary>
    private static void Accept(HttpResponseMessage response, Uri url, PartialDownload part)
    {
        var tag = response.Headers.ETag is { IsWeak: false } strong ? strong.Tag : response.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture);
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            var range = response.Content.Headers.ContentRange;
            if (part.Version is { } version && range?.From == part.File.Length && range.Length == version.Length && tag == version.Tag)
                return;
            part.Restart(); // the server ignored If-Range and sends another version or another part
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
