namespace MrfAd.Fuzz;

/// <summary>The bytes of an input, and a file with them for readers of files.</summary>
/// <param name="path">Path of the file, which is written when first needed; its extension is the reader's.</param>
public sealed class FuzzInput(byte[] bytes, string path)
{
    private bool _isWritten;

    public byte[] Bytes => bytes;

    public string Path
    {
        get
        {
            if (!_isWritten)
                File.WriteAllBytes(path, bytes);
            _isWritten = true;
            return path;
        }
    }
}
