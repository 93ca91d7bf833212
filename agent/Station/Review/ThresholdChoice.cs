using System.ComponentModel;

namespace MrfAd.Station.Review;

/// <summary>The rates that a threshold would have.</summary>
public sealed record ThresholdChoice(double Threshold, Rate FalseReject, Rate Miss, [property: Description("True for the threshold that judged the newest labelled part.")] bool IsCurrent);
