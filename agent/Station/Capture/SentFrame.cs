namespace MrfAd.Station.Capture;

/// <summary>A frame that was sent with its trigger; it is decoded when its turn comes. Disposing gives its memory back.</summary>
/// <param name="Encoded">The bytes of an image file.</param>
/// <param name="Source">The name of the frame.</param>
public sealed record SentFrame(ReadOnlyMemory<byte> Encoded, string Source) : IDisposable
{
    /// <summary>The share of the memory budget that the bytes have; null where the sender keeps it.</summary>
    public IDisposable? Memory { get; init; }

    /// <summary>The reason why the frame was not taken; null where it was.</summary>
    public NoFrame? Refusal { get; init; }

    /// <param name="limits">The largest image that is decoded.</param>
    /// <exception cref="Engine.Images.ImageFormatException">The bytes are no usable image.</exception>
    /// <exception cref="NoFrameException">The frame was not taken.</exception>
    public Frame Decode(TimeProvider clock, Engine.Images.ImageLimits limits)
    {
        if (Refusal is { } refusal)
            throw new NoFrameException(refusal.Cause, refusal.Text);
        var start = clock.GetTimestamp();
        return new Frame(Engine.Images.ImageCodec.Decode(Encoded.Span, Source, limits), Source, clock.GetElapsedTime(start));
    }

    public void Dispose() => Memory?.Dispose();
}
