using System.Globalization;
using MrfAd.Platform;

namespace MrfAd.Station.Sparkplug;

/// <summary>bdSeq: ties a death to its birth. Counts connects from 0 to 255 and on, over restarts.</summary>
/// <param name="path">The file that holds the last one; made if absent, one that is damaged counts as absent.</param>
public sealed class DeathCounter(string path)
{
    /// <summary>Of the latest connect.</summary>
    public byte Current { get; private set; } = Read(path) ?? 255;

    /// <exception cref="IOException">It counts on, but the file could not be written: after a restart the number comes again.</exception>
    public void Advance()
    {
        Current = unchecked((byte)(Current + 1));
        AtomicFile.Write(path, System.Text.Encoding.ASCII.GetBytes(Current.ToString(CultureInfo.InvariantCulture)));
    }

    private static byte? Read(string path) => File.Exists(path) && byte.TryParse(UserFiles.ReadText(path), CultureInfo.InvariantCulture, out var number) ? number : null;
}
