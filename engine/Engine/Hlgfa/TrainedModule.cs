namespace MrfAd.Engine.Hlgfa;

/// <summary>A trained module: all that scoring needs besides the encoder.</summary>
/// <param name="Width">The width of the high-resolution view, px.</param>
/// <param name="Height">The height of the high-resolution view, px.</param>
/// <param name="Theta">The values of all parameters, in the order of <see cref="HlgfaParameters"/>.</param>
internal sealed record TrainedModule(IReadOnlyList<HlgfaStage> Stages, HlgfaOptions Options, int Width, int Height, float[] Theta, FeatureNormalisation Normalisation);
