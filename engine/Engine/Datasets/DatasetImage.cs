namespace MrfAd.Engine.Datasets;

/// <summary>An image of a data set with its labels.</summary>
/// <param name="Name">Its path below the data set's root without the ending, '/' between: "bottle/test/broken_large/000".</param>
/// <param name="Split">"test", "validation", "test_public", …</param>
/// <param name="Kind">"good", or the kind of defect; empty where it is not published.</param>
/// <param name="Defective">True for a defective part, false for a good one; null where it is not published (private splits).</param>
/// <param name="Mask">The path at which its mask is or should be; null where it has none.</param>
public sealed record DatasetImage(string Name, string Split, string Kind, string Path, bool? Defective, string? Mask);
