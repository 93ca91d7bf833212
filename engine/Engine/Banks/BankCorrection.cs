namespace MrfAd.Engine.Banks;

/// <summary>The result of a correction: a bank into which images were learned as good.</summary>
/// <param name="Bank">The description of the new version of the bank.</param>
/// <param name="Images">The images in the order in which they were given.</param>
public sealed record BankCorrection(BankDescription Bank, IReadOnlyList<CorrectedImage> Images)
{
    /// <summary>The number of rows added, summed over all images and branches.</summary>
    public int Rows => Images.Sum(image => image.Rows);
}
