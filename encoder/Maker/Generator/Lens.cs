using System.Numerics;

namespace MrfAd.Maker.Generator;

/// <summary>Simulates a camera: blur, exposure, vignetting, colour or grey, noise.</summary>
public sealed class Lens(SeededRandom dice)
{
    private readonly float _blur = dice.Chance(0.3) ? 0 : dice.Between(0.1f, 1.4f);
    private readonly float _gain = dice.Scale(0.6f, 1.6f);
    private readonly float _vignette = dice.Between(0, 0.3f);
    private readonly float _noise = dice.Chance(0.2) ? 0 : dice.Scale(0.3f, 7); // grey levels
    private readonly bool _grey = dice.Chance(0.3);
    private readonly uint _seed = dice.Seed();

    /// <param name="light">The light, [256, 256] linear RGB, which is overwritten.</param>
    /// <param name="crop">The crop to fill, [256, 256, 3].</param>
    public void Take(Vector3[] light, Span<byte> crop)
    {
        Blur(light, 1, Canvas.Side);
        Blur(light, Canvas.Side, 1);
        for (var i = 0; i < light.Length; i++)
        {
            var (x, y) = (i % Canvas.Side, i / Canvas.Side);
            var corner = (new Vector2(x, y) / (Canvas.Side / 2)) - Vector2.One;
            var seen = light[i] * (_gain * (1 - (_vignette * corner.LengthSquared())));
            if (_grey)
                seen = new Vector3(Vector3.Dot(seen, new Vector3(0.3f, 0.6f, 0.1f)));
            for (var c = 0; c < 3; c++)
            {
                var noise = Noise.Hash(x, y, _seed + (_grey ? 0 : (uint)c)) + Noise.Hash(x, y, _seed + 7 + (_grey ? 0 : (uint)c)) - 1;
                crop[(i * 3) + c] = (byte)float.Clamp((255 * MathF.Pow(float.Clamp(seen[c], 0, 1), 1 / 2.2f)) + (2.4f * _noise * noise) + 0.5f, 0, 255);
            }
        }
    }

    /// <summary>Applies a binomial blur in one direction.</summary>
    private void Blur(Vector3[] light, int step, int stride)
    {
        var side = 0.25f * MathF.Min(1, _blur);
        var passes = _blur > 1 ? 2 : 1;
        for (var pass = 0; pass < passes && _blur > 0; pass++)
        {
            for (var line = 0; line < Canvas.Side; line++)
            {
                var before = light[line * stride];
                for (var i = 0; i < Canvas.Side; i++)
                {
                    ref var here = ref light[(line * stride) + (i * step)];
                    var after = i + 1 < Canvas.Side ? light[(line * stride) + ((i + 1) * step)] : here;
                    (before, here) = (here, (here * (1 - (2 * side))) + ((before + after) * side));
                }
            }
        }
    }
}
