namespace MrfAd.Engine.Hlgfa;

/// <summary>The progress of a training, as a checkpoint stores it in JSON.</summary>
/// <param name="Epochs">The number of epochs done.</param>
/// <param name="Updates">The number of updates of the parameters done.</param>
/// <param name="BestEpoch">The epoch with the lowest loss on held-out images; 0 means none yet.</param>
/// <param name="Losses">The mean losses of the last epoch by term.</param>
/// <param name="Seconds">The elapsed time so far, seconds.</param>
/// <param name="CpuSeconds">The processor time so far, seconds.</param>
internal sealed record TrainingProgress(int Epochs, int Updates, int BestEpoch, double BestLoss, IReadOnlyDictionary<string, double> Losses, double Seconds, double CpuSeconds)
{
    public static TrainingProgress None { get; } = new(0, 0, 0, double.MaxValue, new Dictionary<string, double>(), 0, 0);
}
