namespace MrfAd.Station.GenICam;

/// <summary>Follows the frame ids of a camera to find missing frames. GigE Vision 1.x counts in 16 bits without 0, newer cameras in 64 bits.</summary>
public sealed class FrameIds
{
    /// <summary>The id of the last frame; 0 before the first.</summary>
    public ulong Last { get; private set; }

    /// <summary>Notes the id of a frame.</summary>
    /// <returns>The number of frames between the one before and this one that did not arrive.</returns>
    public long Next(ulong id)
    {
        var last = Last;
        Last = id;
        return last == 0 || id == last + 1 || (last == ushort.MaxValue && id == 1) ? 0
            : id > last ? (long)(id - last - 1)
            : last <= ushort.MaxValue ? (long)(ushort.MaxValue - last + id - 1)
            : 0;
    }

    /// <summary>Starts over, because the camera begins to count anew.</summary>
    public void Restart() => Last = 0;
}
