namespace MrfAd.Station.Review;

/// <summary>A judged part that a person called good or bad.</summary>
/// <param name="IsSample">True where the part was drawn as a sample of OK parts, or is NG: then it stands for the others of its verdict.</param>
public sealed record LabelledPart(bool IsNg, double Score, double Threshold, bool IsBad, bool IsSample);
