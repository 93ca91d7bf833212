namespace MrfAd.Engine.Hlgfa;

/// <summary>All that a trained module scores with, beside the encoder.</summary>
/// <param name="Width">Of the high-resolution view, px.</param>
/// <param name="Height">Of the same.</param>
/// <param name="Theta">The values of all parameters, in the order of <see cref="HlgfaParameters"/>.</param>
internal sealed record TrainedModule(IReadOnlyList<HlgfaStage> Stages, HlgfaOptions Options, int Width, int Height, float[] Theta, FeatureNormalisation Normalisation);
