using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using MrfAd.Platform;
using MrfAd.Station.Capture;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Http;

/// <summary>
/// Reads the images that clients send, within limits that hold before a body is read: for each camera the places of its queue, and for all together
/// an amount of memory, which is a part of the station's budget. Thread-safe.
/// </summary>
/// <param name="maxImageBytes">The maximum size of an image in bytes.</param>
internal sealed class Uploads(int maxImageBytes, MemoryBudget memory)
{
    // Enough to tell what a body is.
    private const int HeadBytes = 1024;

    // Images of the maximum size that may be in memory at the same time.
    private const int MaxImages = 4;

    // A sender that is slower would hold its place in the queue for minutes.
    private static readonly MinDataRate MinRate = new(bytesPerSecond: 16_000, gracePeriod: TimeSpan.FromSeconds(5));

    private readonly Lock _lock = new();
    private readonly Dictionary<Camera, int> _places = [];
    private readonly ConcurrentDictionary<Camera, SemaphoreSlim> _turns = new();
    private long _reserved;

    /// <summary>Takes a place in the queue of a camera and the memory for an image.</summary>
    /// <param name="declared">The length that the client declared, in bytes; null where it declared none.</param>
    /// <param name="refusal">The refusal; null where the place was given.</param>
    /// <returns>The place, which the caller disposes of once the image is judged; null where there is none.</returns>
    public IDisposable? Enter(Camera camera, long? declared, out (int Status, string Text)? refusal)
    {
        var bytes = declared ?? maxImageBytes;
        lock (_lock)
        {
            var waiting = _places.GetValueOrDefault(camera);
            refusal = bytes > maxImageBytes ? TooLarge
                : waiting > camera.Options.QueueLength ? (StatusCodes.Status429TooManyRequests, $"the queue is full: {camera.Options.QueueLength} images wait for inspection")
                : _reserved + bytes > (long)MaxImages * maxImageBytes ? (StatusCodes.Status429TooManyRequests, $"the images that are being sent hold {MaxImages} times http.max_upload_mb already")
                : null;
            if (refusal is not null)
                return null;
            if (memory.TryTake(MemoryUse.Uploads, bytes) is not { } share)
            {
                refusal = (StatusCodes.Status429TooManyRequests, memory.Describe(bytes));
                return null;
            }

            _places[camera] = waiting + 1;
            _reserved += bytes;
            return new Place(this, camera, bytes, share);
        }
    }

    /// <summary>Reads the body of a request that has a place.</summary>
    /// <returns>The bytes of an image file, or the refusal of a body that is none or is too large.</returns>
    public async Task<(ReadOnlyMemory<byte> Body, (int Status, string Text)? Refusal)> ReadAsync(HttpContext context)
    {
        // The server's own limit is lower, and its refusal has no text.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = MinRate;
        var body = new byte[HeadBytes];
        var length = await ReadAsync(context, body);
        if (NoImage(context.Request, body.AsSpan(0, length)) is { } kind)
            return (default, (StatusCodes.Status415UnsupportedMediaType, $"the body is {kind}; want the bytes of a PNG, JPEG, BMP or TIFF file alone: curl --data-binary @part.png"));
        while (length == body.Length)
        {
            if (length > maxImageBytes)
                return (default, TooLarge);
            // One more byte than declared or allowed: it shows whether that was the end.
            Array.Resize(ref body, (int)(context.Request.ContentLength ?? Math.Min(2L * length, maxImageBytes)) + 1);
            length += await ReadAsync(context, body.AsMemory(length));
        }

        return (body.AsMemory(0, length), null);
    }

    /// <summary>
    /// Waits until the queue of a camera has room for an image that has a place: there is one place more than the queue has, for the image that is being inspected, and
    /// the inspection may not have taken it from the queue yet.
    /// </summary>
    /// <returns>The turn to fire the camera, which the caller disposes of when that is done.</returns>
    public async Task<IDisposable> RoomAsync(Camera camera, CancellationToken cancellationToken)
    {
        var turn = _turns.GetOrAdd(camera, _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            await camera.RoomAsync(cancellationToken);
            return new Turn(turn);
        }
        catch
        {
            turn.Release();
            throw;
        }
    }

    private (int Status, string Text) TooLarge => (StatusCodes.Status413PayloadTooLarge, $"the image is larger than http.max_upload_mb, {maxImageBytes / 1_000_000} MB");

    /// <returns>The number of bytes that were read: fewer than asked for only at the end of the body.</returns>
    private static Task<int> ReadAsync(HttpContext context, Memory<byte> buffer) =>
        context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted).AsTask();

    /// <returns>A description of a body that is no image file; null where it may be one.</returns>
    private static string? NoImage(HttpRequest request, ReadOnlySpan<byte> head)
    {
        string? type = request.ContentType, encoding = request.Headers.ContentEncoding;
        return type?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true ? "a form (multipart)"
            : encoding is not null and not "identity" ? $"compressed ({encoding})"
            : FileKind.Describe(head) is { } kind and not FileKind.Picture ? kind
            : null;
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }

    private sealed class Place(Uploads uploads, Camera camera, long bytes, IDisposable share) : IDisposable
    {
        public void Dispose()
        {
            share.Dispose();
            lock (uploads._lock)
            {
                uploads._places[camera]--;
                uploads._reserved -= bytes;
            }
        }
    }
}
