namespace MrfAd.Engine.Banks;

/// <summary>One bank M_{l,s} on its way into a file.</summary>
/// <param name="Sources">[N, 2]: image and patch of each row.</param>
/// <param name="WriteRows">Writes [N, D] fp32.</param>
internal sealed record BankBranch(string Name, int Rows, int Dimension, int[] Sources, Action<Stream> WriteRows);
