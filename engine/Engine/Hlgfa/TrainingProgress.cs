namespace MrfAd.Engine.Hlgfa;

/// <param name="Epochs">Done.</param>
/// <param name="Updates">Done.</param>
/// <param name="BestEpoch">0: none yet.</param>
/// <param name="Losses">Of the last epoch, by term.</param>
/// <param name="Seconds">Spent, by the clock.</param>
/// <param name="CpuSeconds">Spent, of the processor.</param>
internal sealed record TrainingProgress(int Epochs, int Updates, int BestEpoch, double BestLoss, IReadOnlyDictionary<string, double> Losses, double Seconds, double CpuSeconds)
{
    public static TrainingProgress None { get; } = new(0, 0, 0, double.MaxValue, new Dictionary<string, double>(), 0, 0);
}
