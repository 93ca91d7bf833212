namespace MrfAd.Engine.Datasets;

/// <summary>An image of a data set, with what is known of it.</summary>
/// <param name="Name">Its path below the data set's root without the ending, '/' between: "bottle/test/broken_large/000".</param>
/// <param name="Split">"test", "validation", "test_public", …</param>
/// <param name="Kind">"good", or the kind of defect; empty where it is not told.</param>
/// <param name="Defective">null: not told (private splits).</param>
/// <param name="Mask">Where its mask is or should be; null: it has none.</param>
public sealed record DatasetImage(string Name, string Split, string Kind, string Path, bool? Defective, string? Mask);
