namespace MrfAd.Engine.Hlgfa;

/// <summary>What an HLGFA model is and how it is trained. What the paper leaves open is decided here. All of it is written into the model.</summary>
public sealed record HlgfaOptions
{
    /// <summary>The shorter side of the high-resolution view, px, rounded to what encoder and ratio divide. The paper has 640, on a GPU.</summary>
    public int HighSide { get; init; } = 320;

    /// <summary>The low-resolution view is the mean over squares of so many pixels a side of the high one.</summary>
    public int Ratio { get; init; } = 2;

    /// <summary>Channels of the guidance g = s + d (eq. 4). Narrow: what it could carry of a defect, the aligned features would have as well.</summary>
    public int GuidanceChannels { get; init; } = 16;

    /// <summary>Channels between the modulated features and their residual (eq. 6).</summary>
    public int HiddenChannels { get; init; } = 256;

    /// <summary>Sides of the depthwise kernels of the structure prior.</summary>
    public IReadOnlyList<int> StructureKernels { get; init; } = [3, 5, 7];

    /// <summary>Maps are weighted by the reliability of eq. 8.</summary>
    public bool Reliability { get; init; }

    /// <summary>τ of eq. 8; sim lies between −1 and 1.</summary>
    public double ReliabilityThreshold { get; init; }

    /// <summary>δ of eq. 8.</summary>
    public double ReliabilityWidth { get; init; } = 0.1;

    /// <summary>λ of eq. 10, as in the paper's table 2.</summary>
    public double L1Weight { get; init; } = 0.5;

    public double JsWeight { get; init; } = 0.5;

    public double GramWeight { get; init; } = 0.5;

    public int Epochs { get; init; } = 100;

    /// <summary>Images of an update. The paper has 32 of 3629 images; with 50, that would be one or two updates an epoch.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Images that are in memory at a time, at the most; a batch is accumulated from equal parts.</summary>
    public int MicroBatch { get; init; } = 4;

    public double LearningRate { get; init; } = 1e-3;

    public double LastLearningRate { get; init; } = 1e-4;

    /// <summary>Noisy versions of each image whose features are cached beside the clean one's; each epoch takes one of all at random. 0: no noise.</summary>
    public int NoisyVersions { get; init; } = 3;

    /// <summary>The share of the images that is not trained on: it says when to stop, and calibrates.</summary>
    public double HeldOut { get; init; } = 0.2;

    /// <summary>Epochs without a better loss on held-out images after which training ends.</summary>
    public int Patience { get; init; } = 20;

    /// <summary>Of weights, order and noise.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Images may differ in size; each is brought to the view of the first.</summary>
    public bool MixedSizes { get; init; }
}
