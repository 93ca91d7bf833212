namespace MrfAd.Station.Runtime;

/// <summary>A use of the station's memory; a label of mrfad_memory_used_bytes.</summary>
public enum MemoryUse
{
    /// <summary>The banks and encoders, as large as their files.</summary>
    Models,

    /// <summary>The frames from capture until their pictures are stored, with their heatmaps, and those kept for updates and teaching.</summary>
    Frames,

    /// <summary>The image files that were sent to the station and are not decoded yet.</summary>
    Uploads,

    /// <summary>The small pictures of the dashboard.</summary>
    Pictures,
}
