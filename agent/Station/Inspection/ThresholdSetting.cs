namespace MrfAd.Station.Inspection;

/// <summary>A threshold that was set for a camera and one bank.</summary>
public sealed record ThresholdSetting(float Threshold, string BankSha256);
