namespace MrfAd.Engine.Hlgfa;

/// <summary>The options of an HLGFA model and its training, including choices that the paper leaves open. They are stored in the model.</summary>
public sealed record HlgfaOptions
{
    /// <summary>Length of the shorter side of the high-resolution view, px, rounded to a multiple that fits encoder and ratio. The paper uses 640, on a GPU.</summary>
    public int HighSide { get; init; } = 320;

    /// <summary>The ratio of the views' resolutions: the low view is the mean over squares of this many pixels a side of the high one.</summary>
    public int Ratio { get; init; } = 2;

    /// <summary>The number of channels of the guidance g = s + d (eq. 4). It is small, so that the guidance cannot carry a defect into the aligned features.</summary>
    public int GuidanceChannels { get; init; } = 16;

    /// <summary>The number of hidden channels between the modulated features and their residual (eq. 6).</summary>
    public int HiddenChannels { get; init; } = 256;

    /// <summary>Sides of the depthwise kernels of the structure prior.</summary>
    public IReadOnlyList<int> StructureKernels { get; init; } = [3, 5, 7];

    /// <summary>True to weight anomaly maps by the reliability of eq. 8.</summary>
    public bool Reliability { get; init; }

    /// <summary>The threshold τ of eq. 8 on the similarity, −1 to 1.</summary>
    public double ReliabilityThreshold { get; init; }

    /// <summary>The width δ of the sigmoid of eq. 8.</summary>
    public double ReliabilityWidth { get; init; } = 0.1;

    /// <summary>The weight λ of the L1 loss in eq. 10, as in table 2 of the paper.</summary>
    public double L1Weight { get; init; } = 0.5;

    public double JsWeight { get; init; } = 0.5;

    public double GramWeight { get; init; } = 0.5;

    public int Epochs { get; init; } = 100;

    /// <summary>The number of images of an update. The paper uses 32 of 3629 images; with 50 images that would be one or two updates an epoch.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Maximum number of images in memory at a time; a batch is accumulated from equal parts.</summary>
    public int MicroBatch { get; init; } = 4;

    public double LearningRate { get; init; } = 1e-3;

    public double LastLearningRate { get; init; } = 1e-4;

    /// <summary>The number of noisy versions of each image whose features are cached beside those of the clean one; each epoch draws one of all versions. 0 means no noise.</summary>
    public int NoisyVersions { get; init; } = 3;

    /// <summary>The share of the images that is held out of training, 0 to 1: it decides when to stop, and calibrates the threshold.</summary>
    public double HeldOut { get; init; } = 0.2;

    /// <summary>The number of epochs without a lower loss on held-out images after which training stops (early stopping).</summary>
    public int Patience { get; init; } = 20;

    /// <summary>The seed of initial weights, order of images and noise.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>True where images may differ in size; each is resized to the view of the first.</summary>
    public bool MixedSizes { get; init; }
}
