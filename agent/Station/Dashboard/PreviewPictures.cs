namespace MrfAd.Station.Dashboard;

/// <summary>The small pictures of a verdict in memory. Disposing gives their memory back: from then on there are none.</summary>
/// <param name="memory">Their share of the memory budget.</param>
public sealed class PreviewPictures(byte[]? frame, byte[]? heatmap, IDisposable memory) : IDisposable
{
    /// <summary>The frame as a JPEG file; null where there is none, or no longer.</summary>
    public byte[]? Frame { get; private set; } = frame;

    /// <summary>The heatmap as a PNG file of the same size; null where there is none, or no longer.</summary>
    public byte[]? Heatmap { get; private set; } = heatmap;

    public void Dispose()
    {
        (Frame, Heatmap) = (null, null);
        memory.Dispose();
    }
}
