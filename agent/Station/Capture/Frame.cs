using MrfAd.Engine.Images;

namespace MrfAd.Station.Capture;

/// <summary>One image from a source.</summary>
/// <param name="Source">The name of the frame: a file's name, or that of the source.</param>
/// <param name="Decode">The time that decoding took, from bytes to pixels.</param>
public sealed record Frame(Image Image, string Source, TimeSpan Decode)
{
    /// <summary>The number of frames that the source skipped since the one before, because none was requested.</summary>
    public long Skipped { get; init; }
}
