namespace MrfAd.Maker;

/// <summary>Crops one after another, [N, 256, 256, 3] bytes without a header: <c>train.py</c> maps it. It is written from front to back, so that its length shows the progress.</summary>
public sealed class CropFile : IDisposable
{
    /// <summary>The side of a crop, px.</summary>
    public const int Side = 256;

    public const int Bytes = Side * Side * 3;

    private readonly FileStream _file;

    private CropFile(FileStream file) => _file = file;

    /// <summary>The number of complete crops in the file.</summary>
    public int Count => (int)(_file.Length / Bytes);

    public static CropFile Append(string path) => new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite));

    public static CropFile Read(string path) => new(new FileStream(path, FileMode.Open, FileAccess.Read));

    /// <summary>Truncates the file to the first <paramref name="count"/> crops; the next one is appended there.</summary>
    public void CutTo(int count)
    {
        _file.SetLength((long)count * Bytes);
        _file.Seek(0, SeekOrigin.End);
    }

    public void Add(ReadOnlySpan<byte> crop) => _file.Write(crop);

    /// <param name="crop">The crop to fill, [256, 256, 3].</param>
    public void Get(int index, Span<byte> crop)
    {
        _file.Position = (long)index * Bytes;
        _file.ReadExactly(crop);
    }

    public void Dispose() => _file.Dispose();
}
