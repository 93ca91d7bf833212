namespace MrfAd.Fuzz;

/// <summary>Bytes, and a file that holds them for readers of files.</summary>
/// <param name="path">Written when it is first asked for; its ending is the reader's.</param>
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
