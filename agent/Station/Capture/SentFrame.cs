namespace MrfAd.Station.Capture;

/// <summary>A frame that was sent with its trigger; it is decoded when its turn comes.</summary>
/// <param name="Encoded">The bytes of an image file.</param>
/// <param name="Source">The name of the frame.</param>
public sealed record SentFrame(ReadOnlyMemory<byte> Encoded, string Source)
{
    /// <exception cref="Engine.Images.ImageFormatException">The bytes are no usable image.</exception>
    public Frame Decode(TimeProvider clock)
    {
        var start = clock.GetTimestamp();
        return new Frame(Engine.Images.ImageCodec.Decode(Encoded.Span, Source), Source, clock.GetElapsedTime(start));
    }
}
