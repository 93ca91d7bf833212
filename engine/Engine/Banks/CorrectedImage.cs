namespace MrfAd.Engine.Banks;

/// <summary>An image of a correction.</summary>
/// <param name="Name">The name of the image in the bank.</param>
/// <param name="Before">Its anomaly score by the old bank.</param>
/// <param name="After">Its anomaly score by the new bank.</param>
/// <param name="Rows">The number of rows added, summed over all branches; 0 where the old bank called it good, and it is not in the new one.</param>
public sealed record CorrectedImage(string Name, float Before, float After, int Rows);
