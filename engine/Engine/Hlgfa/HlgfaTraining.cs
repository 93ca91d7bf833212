namespace MrfAd.Engine.Hlgfa;

/// <summary>The record of a training.</summary>
/// <param name="Epochs">The number of epochs done.</param>
/// <param name="BestEpoch">The epoch whose parameters the model has: the one with the lowest loss on held-out good images.</param>
/// <param name="HeldOutLoss">The loss on held-out good images after that epoch.</param>
/// <param name="Losses">The mean losses over the last epoch's batches by term, each multiplied by its weight.</param>
/// <param name="Seconds">The elapsed time, seconds, summed over all runs where the training was resumed.</param>
/// <param name="CpuSeconds">The processor time, seconds, summed likewise.</param>
/// <param name="PeakMemoryBytes">The peak memory of the process, bytes.</param>
/// <param name="CacheBytes">The size of the cached features on disk, bytes.</param>
/// <param name="Stopped">The reason why training stopped before the last epoch; null where it did not.</param>
// As many parameters as the record has fields in the model file (HLGFA-FORMAT.md), which is written and read by their names.
public sealed record HlgfaTraining(
    int Epochs, int BestEpoch, double HeldOutLoss, IReadOnlyDictionary<string, double> Losses, double Seconds, double CpuSeconds, long PeakMemoryBytes, long CacheBytes, string? Stopped);
