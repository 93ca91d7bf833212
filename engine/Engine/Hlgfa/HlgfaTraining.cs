namespace MrfAd.Engine.Hlgfa;

/// <summary>How training went.</summary>
/// <param name="Epochs">Done.</param>
/// <param name="BestEpoch">Whose parameters the model has: the lowest loss on held-out good images.</param>
/// <param name="HeldOutLoss">Then.</param>
/// <param name="Losses">Over the last epoch's batches, by term, each with its weight.</param>
/// <param name="Seconds">By the clock, of all runs where it was resumed.</param>
/// <param name="CpuSeconds">Of the processor, the same.</param>
/// <param name="PeakMemoryBytes">Of the process.</param>
/// <param name="CacheBytes">Of the features on disk.</param>
/// <param name="Stopped">Why before the last epoch; null: it was not.</param>
// As many parameters as the record has fields in the model file (HLGFA-FORMAT.md), which is written and read by their names.
public sealed record HlgfaTraining(
    int Epochs, int BestEpoch, double HeldOutLoss, IReadOnlyDictionary<string, double> Losses, double Seconds, double CpuSeconds, long PeakMemoryBytes, long CacheBytes, string? Stopped);
