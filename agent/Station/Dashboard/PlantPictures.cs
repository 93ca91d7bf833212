namespace MrfAd.Station.Dashboard;

/// <summary>Keeps the last pictures of all cameras within a memory limit; the oldest are dropped. Not thread-safe.</summary>
public sealed class PlantPictures
{
    /// <summary>The maximum size of a picture in bytes: a frame of 5 megapixels as PNG.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    // A few seconds of a whole plant suffice, because a page fetches a picture as soon as it is announced.
    private const long MaxTotalBytes = 64 * 1024 * 1024;

    private readonly Dictionary<long, PlantPicture> _pictures = [];
    private readonly Queue<PlantPicture> _byAge = new();
    private long _bytes;

    /// <summary>Adds a picture.</summary>
    public void Add(PlantPicture picture)
    {
        _pictures[picture.Number] = picture;
        _byAge.Enqueue(picture);
        _bytes += picture.Bytes.Length;
        while (_bytes > MaxTotalBytes)
        {
            var oldest = _byAge.Dequeue();
            _pictures.Remove(oldest.Number);
            _bytes -= oldest.Bytes.Length;
        }
    }

    /// <returns>The picture; null where there is none with this number, or no longer.</returns>
    public PlantPicture? Find(long number) => _pictures.GetValueOrDefault(number);

    /// <returns>The media type that the first bytes show, "image/png" or "image/jpeg"; null for all others, which must not be served to a browser.</returns>
    public static string? TypeOf(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? "image/png"
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"
        : null;
}
