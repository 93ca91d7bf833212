using MrfAd.Contracts;
using MrfAd.Engine.Images;

namespace MrfAd.Station.Options;

/// <summary>Decides when and how a picture is published with a verdict.</summary>
public sealed record PictureOptions
{
    /// <summary>The verdicts with which the picture is published.</summary>
    public PublishWhen Publish { get; init; }

    /// <summary>The format of the picture. JPEG is smaller and slightly inexact. 16-bit frames are always PNG.</summary>
    public ImageFormat Format { get; init; } = ImageFormat.Png;

    /// <returns>True where the picture is published with this verdict.</returns>
    public bool IsWanted(Verdict verdict) => Publish == PublishWhen.Always || (Publish == PublishWhen.Ng && verdict is not (Verdict.Ok or Verdict.Collecting));
}
