namespace MrfAd.Engine.Banks;

/// <summary>The result of a correction: a bank into which one image was learned as good.</summary>
/// <param name="Bank">The description of the new version of the bank.</param>
/// <param name="Before">The image's anomaly score by the old bank.</param>
/// <param name="After">The image's anomaly score by the new bank.</param>
/// <param name="Rows">The number of rows added, summed over all branches.</param>
public sealed record BankCorrection(BankDescription Bank, float Before, float After, int Rows);
