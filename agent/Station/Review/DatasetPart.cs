namespace MrfAd.Station.Review;

/// <summary>A labelled part of a data set, whose frame is kept.</summary>
/// <param name="Frame">The path of the kept frame.</param>
/// <param name="Folder">The folder of its image in the data set, such as "train/good".</param>
public sealed record DatasetPart(Guid Id, string Frame, string Folder);
