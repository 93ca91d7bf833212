using System.Net;
using System.Net.Http.Headers;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Updates;

/// <summary>Fetches a bank from an http(s) address or a file: first the signed manifest beside it (<c>.sig</c>), then the chunks, from the first missing one.</summary>
public sealed class FileFetch(HttpClient http, TimeProvider clock)
{
    // A server that sends nothing for the timeout is requested again after the delay, and given up after so many attempts without a chunk.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(20), RetryDelay = TimeSpan.FromSeconds(1);
    private const int MaxAttempts = 10;

    /// <summary>Reads the signed manifest of a source.</summary>
    /// <exception cref="UpdateRefusedException">There is no signed manifest, or it is not valid.</exception>
    /// <exception cref="IOException">The manifest cannot be read.</exception>
    public async Task<SignedManifest> OfferAsync(string source, CancellationToken cancellationToken)
    {
        if (!FetchPlace.IsAddress(source))
            return Manifests.ReadBeside(source);
        await using var stream = await OpenAsync(source + Manifests.Extension, 0, cancellationToken);
        var bytes = new byte[Manifests.MaxBytes + 1];
        return Manifests.Read(bytes.AsSpan(0, await ReadAsync(stream, bytes, cancellationToken)));
    }

    /// <inheritdoc cref="ChunkExchange.PullAsync"/>
    public async Task PullAsync(string source, IncomingFile file, ModelManifest manifest, Action<double> progress, CancellationToken cancellationToken)
    {
        var buffer = new byte[manifest.ChunkBytes];
        for (var attempt = 1; !file.IsComplete; attempt++)
        {
            var before = file.Next;
            try
            {
                await using var stream = await OpenAsync(source, (long)file.Next * manifest.ChunkBytes, cancellationToken);
                while (!file.IsComplete)
                {
                    var chunk = buffer.AsMemory(0, Manifests.LengthOf(manifest, file.Next));
                    if (await ReadAsync(stream, chunk, cancellationToken) < chunk.Length)
                        throw new EndOfStreamException($"{source} ends in chunk {file.Next} of {file.Count}");
                    if (!file.Add(file.Next, chunk.Span))
                        throw new UpdateRefusedException($"{source}: chunk {file.Next} has other bytes than the manifest says");
                    progress((double)file.Next / file.Count);
                }
            }
            catch (Exception e) when (e is EndOfStreamException or HttpRequestException or TimeoutException)
            {
                attempt = file.Next > before ? 1 : attempt;
                if (!FetchPlace.IsAddress(source) || attempt >= MaxAttempts)
                    throw new UpdateRefusedException($"{source} cannot be fetched: {e.Message}", e);
                await Task.Delay(RetryDelay, clock, cancellationToken);
            }
        }
    }

    private async Task<Stream> OpenAsync(string source, long from, CancellationToken cancellationToken)
    {
        if (!FetchPlace.IsAddress(source))
        {
            var file = UserFiles.OpenRead(source);
            file.Position = from;
            return file;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        if (from > 0)
            request.Headers.Range = new RangeHeaderValue(from, null);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).WaitAsync(ReadTimeout, clock, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            throw new UpdateRefusedException($"{source}: there is no such file");
        response.EnsureSuccessStatusCode();
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var skip = response.StatusCode == HttpStatusCode.PartialContent ? 0 : from;
        // A server without range requests sends the whole file.
        for (var skipped = new byte[1 << 16]; skip > 0;)
        {
            var read = await ReadAsync(stream, skipped.AsMemory(0, (int)Math.Min(skip, skipped.Length)), cancellationToken);
            skip = read > 0 ? skip - read : throw new EndOfStreamException($"{source} is shorter than {from} bytes");
        }

        return stream;
    }

    /// <returns>The number of bytes read, less than the buffer holds only at the end.</returns>
    /// <exception cref="EndOfStreamException">The connection broke.</exception>
    private async Task<int> ReadAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = 0;
        try
        {
            while (read < buffer.Length)
            {
                var more = await stream.ReadAsync(buffer[read..], cancellationToken).AsTask().WaitAsync(ReadTimeout, clock, cancellationToken);
                if (more == 0)
                    break;
                read += more;
            }
        }
        catch (IOException e)
        {
            // An IOException here is the network's, not that of the disk that is written to.
            throw new EndOfStreamException(e.Message, e);
        }

        return read;
    }
}
