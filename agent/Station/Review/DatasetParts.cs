namespace MrfAd.Station.Review;

/// <summary>The labelled parts that make a data set.</summary>
/// <param name="Parts">The parts whose frames are kept, the good ones first, in the order in which they were judged.</param>
/// <param name="Good">The number of good ones.</param>
/// <param name="Without">The number of labelled parts of which no frame is kept.</param>
public sealed record DatasetParts(IReadOnlyList<DatasetPart> Parts, int Good, int Without)
{
    public override string ToString() => $"{Good} good parts, every fifth for the test, and {Parts.Count - Good} bad ones; of {Without} labelled parts no frame is kept";
}
