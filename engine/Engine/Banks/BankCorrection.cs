namespace MrfAd.Engine.Banks;

/// <summary>What teaching one image changed.</summary>
/// <param name="Bank">Of the new version.</param>
/// <param name="Before">The image's score by the old bank.</param>
/// <param name="After">By the new one.</param>
/// <param name="Rows">Added, in all branches.</param>
public sealed record BankCorrection(BankDescription Bank, float Before, float After, int Rows);
