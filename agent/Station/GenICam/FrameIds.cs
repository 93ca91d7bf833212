namespace MrfAd.Station.GenICam;

/// <summary>Follows the numbers that a camera gives its frames. GigE Vision 1.x counts in 16 bits and leaves 0 out; newer cameras in 64.</summary>
public sealed class FrameIds
{
    /// <summary>0: none yet.</summary>
    public ulong Last { get; private set; }

    /// <returns>Frames that the camera has counted since the one before and that did not arrive.</returns>
    public long Next(ulong id)
    {
        var last = Last;
        Last = id;
        return last == 0 || id == last + 1 || (last == ushort.MaxValue && id == 1) ? 0
            : id > last ? (long)(id - last - 1)
            : last <= ushort.MaxValue ? (long)(ushort.MaxValue - last + id - 1)
            : 0;
    }

    /// <summary>The camera begins to count anew.</summary>
    public void Restart() => Last = 0;
}
