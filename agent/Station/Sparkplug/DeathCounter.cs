using System.Globalization;
using MrfAd.Platform;

namespace MrfAd.Station.Sparkplug;

/// <summary>Counts bdSeq, the number that ties a death certificate to its birth: one for each connect, from 0 to 255 and again from 0, over restarts.</summary>
/// <param name="path">The file that holds the last number; it is made if absent, and a damaged one counts as absent.</param>
public sealed class DeathCounter(string path)
{
    /// <summary>The number of the latest connect.</summary>
    public byte Current { get; private set; } = Read(path) ?? 255;

    /// <summary>Advances to the number of the next connect.</summary>
    /// <exception cref="IOException">The number has advanced, but the file could not be written, so that the number is used again after a restart.</exception>
    public void Advance()
    {
        Current = unchecked((byte)(Current + 1));
        AtomicFile.Write(path, System.Text.Encoding.ASCII.GetBytes(Current.ToString(CultureInfo.InvariantCulture)));
    }

    private static byte? Read(string path) => File.Exists(path) && byte.TryParse(UserFiles.ReadText(path), CultureInfo.InvariantCulture, out var number) ? number : null;
}
