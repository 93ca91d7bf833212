namespace MrfAd.Station.Capture;

/// <summary>A frame that was sent with its trigger; it is decoded when its turn comes.</summary>
/// <param name="Encoded">The bytes of an image file.</param>
/// <param name="Source">The name of the frame.</param>
public sealed record SentFrame(ReadOnlyMemory<byte> Encoded, string Source)
{
    /// <param name="limits">The largest image that is decoded.</param>
    /// <exception cref="Engine.Images.ImageFormatException">The bytes are no usable image.</exception>
    public Frame Decode(TimeProvider clock, Engine.Images.ImageLimits limits)
    {
        var start = clock.GetTimestamp();
        return new Frame(Engine.Images.ImageCodec.Decode(Encoded.Span, Source, limits), Source, clock.GetElapsedTime(start));
    }
}
