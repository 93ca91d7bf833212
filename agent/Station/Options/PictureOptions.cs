using MrfAd.Contracts;
using MrfAd.Engine.Images;

namespace MrfAd.Station.Options;

/// <summary>Whether and how a picture goes out with a verdict.</summary>
public sealed record PictureOptions
{
    public PublishWhen Publish { get; init; }

    /// <summary>JPEG is smaller and slightly wrong. 16-bit frames are always PNG.</summary>
    public ImageFormat Format { get; init; } = ImageFormat.Png;

    public bool IsWanted(Verdict verdict) => Publish == PublishWhen.Always || (Publish == PublishWhen.Ng && verdict != Verdict.Ok);
}
