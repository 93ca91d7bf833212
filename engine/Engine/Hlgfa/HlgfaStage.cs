namespace MrfAd.Engine.Hlgfa;

/// <summary>A stage of the encoder that is aligned, and the sources of its two priors.</summary>
/// <param name="Layer">Its name in the encoder's descriptor.</param>
/// <param name="Channels">The number of channels of the features f_s.</param>
/// <param name="Height">The height of the high view's features f_s^h, in places.</param>
/// <param name="LowHeight">The height of the low view's features f_s^l, in places.</param>
/// <param name="DetailLayer">The next shallower layer, which gives the detail prior, or the layer itself where there is none.</param>
/// <param name="Deeper">The number of the stage whose high-resolution features give the structure prior: the next deeper one, or the stage itself.</param>
// As many parameters as a stage has fields in the model file (HLGFA-FORMAT.md), which is written and read by their names.
public sealed record HlgfaStage(
    string Layer, int Channels, int Height, int Width, int LowHeight, int LowWidth, string DetailLayer, int DetailChannels, int DetailHeight, int DetailWidth,
    int Deeper)
{
    /// <summary>The number of places of the high view's grid.</summary>
    public int Count => Height * Width;
}
