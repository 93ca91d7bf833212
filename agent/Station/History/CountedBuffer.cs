namespace MrfAd.Station.History;

/// <summary>Collects what a library writes, which may be synchronous and ask for its position, until it is moved to a stream that allows neither.</summary>
internal sealed class CountedBuffer : MemoryStream
{
    private long _moved;

    public override bool CanSeek => false;

    public override long Position
    {
        get => _moved + base.Position;
        set => throw new NotSupportedException();
    }

    /// <summary>Writes what was collected to the stream, and forgets it.</summary>
    public async Task MoveToAsync(Stream output, CancellationToken cancellation)
    {
        var length = (int)base.Position;
        await output.WriteAsync(GetBuffer().AsMemory(0, length), cancellation);
        _moved += length;
        base.Position = 0;
        SetLength(0);
    }
}
