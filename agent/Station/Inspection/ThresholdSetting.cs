namespace MrfAd.Station.Inspection;

/// <summary>A camera's threshold, set for one bank.</summary>
public sealed record ThresholdSetting(float Threshold, string BankSha256);
