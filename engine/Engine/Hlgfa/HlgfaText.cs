namespace MrfAd.Engine.Hlgfa;

/// <summary>Describes a training in a sentence.</summary>
public static class HlgfaText
{
    public static string Training(HlgfaTraining t) => FormattableString.Invariant(
        $"{t.Epochs} epochs ({t.Stopped ?? "all"}), best {t.BestEpoch} with {t.HeldOutLoss:0.####} on held-out images, {t.Seconds:0} s ({t.CpuSeconds:0} s of processor), peak memory {t.PeakMemoryBytes / 1e6:0} MB, features {t.CacheBytes / 1e6:0} MB on disk");
}
