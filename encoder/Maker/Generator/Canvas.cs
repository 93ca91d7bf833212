namespace MrfAd.Maker.Generator;

/// <summary>The surface that a camera sees, [256, 256].</summary>
public sealed class Canvas
{
    public const int Side = CropFile.Side;

    private readonly Texel[] _texels = new Texel[Side * Side];

    public ref Texel this[int x, int y] => ref _texels[(Math.Clamp(y, 0, Side - 1) * Side) + Math.Clamp(x, 0, Side - 1)];
}
