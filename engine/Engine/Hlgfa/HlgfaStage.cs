namespace MrfAd.Engine.Hlgfa;

/// <summary>A stage of the encoder that is aligned, and where its two priors come from.</summary>
/// <param name="Layer">Its name in the encoder's descriptor.</param>
/// <param name="Channels">Of f_s.</param>
/// <param name="Height">Of f_s^h.</param>
/// <param name="LowHeight">Of f_s^l.</param>
/// <param name="DetailLayer">The next shallower layer, or itself where there is none.</param>
/// <param name="Deeper">The stage, by number, whose high-resolution features give the structure prior: the next deeper one, or itself.</param>
// As many parameters as a stage has fields in the model file (HLGFA-FORMAT.md), which is written and read by their names.
public sealed record HlgfaStage(
    string Layer, int Channels, int Height, int Width, int LowHeight, int LowWidth, string DetailLayer, int DetailChannels, int DetailHeight, int DetailWidth,
    int Deeper)
{
    /// <summary>Places of the grid.</summary>
    public int Count => Height * Width;
}
