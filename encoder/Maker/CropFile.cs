namespace MrfAd.Maker;

/// <summary>Crops one after another, [N, 256, 256, 3] bytes without a header: <c>train.py</c> maps it. Written from front to back, so that its length tells how far it is.</summary>
public sealed class CropFile : IDisposable
{
    /// <summary>Of a crop, px.</summary>
    public const int Side = 256;

    public const int Bytes = Side * Side * 3;

    private readonly FileStream _file;

    private CropFile(FileStream file) => _file = file;

    /// <summary>Whole crops in it.</summary>
    public int Count => (int)(_file.Length / Bytes);

    public static CropFile Append(string path) => new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite));

    public static CropFile Read(string path) => new(new FileStream(path, FileMode.Open, FileAccess.Read));

    /// <summary>Forgets what comes after the first <paramref name="count"/> crops, and writes there next.</summary>
    public void CutTo(int count)
    {
        _file.SetLength((long)count * Bytes);
        _file.Seek(0, SeekOrigin.End);
    }

    public void Add(ReadOnlySpan<byte> crop) => _file.Write(crop);

    /// <param name="crop">[256, 256, 3], filled.</param>
    public void Get(int index, Span<byte> crop)
    {
        _file.Position = (long)index * Bytes;
        _file.ReadExactly(crop);
    }

    public void Dispose() => _file.Dispose();
}
