using MrfAd.Engine.Images;

namespace MrfAd.Station.Capture;

/// <summary>One image from a source.</summary>
/// <param name="Source">What to call it: a file's name, or the source itself.</param>
/// <param name="Decode">What it took to get from bytes to pixels.</param>
public sealed record Frame(Image Image, string Source, TimeSpan Decode)
{
    /// <summary>Frames that the source let pass since the one before: nobody had asked for them.</summary>
    public long Skipped { get; init; }
}
