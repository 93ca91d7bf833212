using MrfAd.Engine.Hlgfa;
using MrfAd.Engine.Images;

namespace MrfAd.Engine.Tests.Hlgfa;

public sealed class NuisanceNoiseTests
{
    [Theory]
    [InlineData(PixelDepth.Eight, 1)]
    [InlineData(PixelDepth.Eight, 3)]
    [InlineData(PixelDepth.Sixteen, 1)]
    public void Noise_is_sparse_and_the_same_for_the_same_seed(PixelDepth depth, int channels)
    {
        using var image = new Image(400, 300, channels, depth);
        image.Bytes.Fill(100);
        using var first = NuisanceNoise.Apply(image, 5);
        using var again = NuisanceNoise.Apply(image, 5);
        using var other = NuisanceNoise.Apply(image, 6);
        Assert.True(first.Bytes.SequenceEqual(again.Bytes));
        Assert.False(first.Bytes.SequenceEqual(other.Bytes));
        var changed = 0;
        foreach (var sample in first.Bytes)
            changed += sample != 100 ? 1 : 0;
        Assert.InRange(changed, 1, first.ByteCount / 20);
    }
}
