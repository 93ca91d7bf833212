namespace MrfAd.Station.Capture;

/// <summary>A frame that came with its trigger: an image file's bytes, to be decoded when it is their turn.</summary>
/// <param name="Source">What to call it.</param>
public sealed record SentFrame(ReadOnlyMemory<byte> Encoded, string Source)
{
    /// <exception cref="Engine.Images.ImageFormatException">It is no usable image.</exception>
    public Frame Decode(TimeProvider clock)
    {
        var start = clock.GetTimestamp();
        return new Frame(Engine.Images.ImageCodec.Decode(Encoded.Span, Source), Source, clock.GetElapsedTime(start));
    }
}
