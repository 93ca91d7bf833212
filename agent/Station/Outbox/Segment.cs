namespace MrfAd.Station.Outbox;

/// <summary>One file of a log.</summary>
public sealed class Segment(string name, long bytes)
{
    public string Name { get; } = name;

    public long Bytes { get; set; } = bytes;
}
