namespace MrfAd.Station.Dashboard;

/// <summary>The last pictures of all cameras, within a budget of memory: the oldest go. Not thread-safe.</summary>
public sealed class PlantPictures
{
    /// <summary>Bytes of the largest one: a frame of 5 megapixels as PNG.</summary>
    public const int Largest = 16 * 1024 * 1024;

    // A few seconds of a whole plant: a page fetches a picture as soon as it is told of it.
    private const long Budget = 64 * 1024 * 1024;

    private readonly Dictionary<long, PlantPicture> _pictures = [];
    private readonly Queue<PlantPicture> _byAge = new();
    private long _bytes;

    public void Add(PlantPicture picture)
    {
        _pictures[picture.Number] = picture;
        _byAge.Enqueue(picture);
        _bytes += picture.Bytes.Length;
        while (_bytes > Budget)
        {
            var oldest = _byAge.Dequeue();
            _pictures.Remove(oldest.Number);
            _bytes -= oldest.Bytes.Length;
        }
    }

    /// <returns>Null where it is not, or no longer, there.</returns>
    public PlantPicture? Find(long number) => _pictures.GetValueOrDefault(number);

    /// <returns>What the bytes are, whatever they were said to be: "image/png" or "image/jpeg"; null for anything else, which a browser must not get from here.</returns>
    public static string? TypeOf(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? "image/png"
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"
        : null;
}
