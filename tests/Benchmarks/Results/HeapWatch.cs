namespace MrfAd.Benchmarks.Results;

/// <summary>A stream that forgets what is written to it and looks at the managed heap at each write.</summary>
internal sealed class HeapWatch : Stream
{
    private long _length;

    /// <summary>The largest managed heap at a write, in bytes, what is not collected yet included.</summary>
    public long MaxHeap { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        _length += count;
        MaxHeap = Math.Max(MaxHeap, GC.GetTotalMemory(forceFullCollection: false));
    }

    public override void Flush()
    {
        // Nothing is kept.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
