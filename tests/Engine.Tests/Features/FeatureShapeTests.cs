using System.Text.Json;
using MrfAd.Engine.Features;

namespace MrfAd.Engine.Tests.Features;

public sealed class FeatureShapeTests
{
    [Theory]
    [InlineData("plain", 1, false, null, 0.25)]
    [InlineData("pool3", 3, false, null, 0.25)]
    [InlineData("unit", 1, true, null, 0.25)]
    [InlineData("w96", 1, false, 96, 0.25)]
    [InlineData("pool5+unit+w32^0.5", 5, true, 32, 0.5)]
    [InlineData("w8^0", 1, false, 8, 0)]
    public void A_shape_is_read_and_named(string text, int pool, bool normalise, int? axes, double power)
    {
        var shape = FeatureShape.Parse(text);

        Assert.Equal(new FeatureShape { PoolSide = pool, Normalise = normalise, Axes = axes, Power = power }, shape);
        Assert.Equal(text, shape.Name);
        Assert.Null(shape.Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("raw")]
    [InlineData("pool")]
    [InlineData("pool2")]
    [InlineData("pool3+")]
    [InlineData("w0")]
    [InlineData("w")]
    [InlineData("w96^2")]
    [InlineData("w96^-1")]
    [InlineData("w96^0.2^0.3")]
    [InlineData("plain+unit")]
    public void Another_text_is_refused(string text) => Assert.Contains($"got '{text}'", Assert.Throws<FormatException>(() => FeatureShape.Parse(text)).Message, StringComparison.Ordinal);

    /// <summary>Banks of one simple shape say it as those of earlier agents do, and those say all.</summary>
    [Fact]
    public void A_simple_shape_is_written_as_it_was_before()
    {
        var written = JsonSerializer.Serialize(new MrfAdOptions { PoolSide = 3, Normalise = true });

        Assert.DoesNotContain("shapes", written, StringComparison.Ordinal);
        Assert.DoesNotContain("LevelMaps", written, StringComparison.Ordinal);
        Assert.Equal([new FeatureShape { PoolSide = 3, Normalise = true }], JsonSerializer.Deserialize<MrfAdOptions>(written)!.Shapes);
    }

    [Fact]
    public void Several_shapes_are_written_and_read()
    {
        var options = new MrfAdOptions { Shapes = [FeatureShape.Parse("pool3"), FeatureShape.Parse("unit+w8^0.5")], LevelMaps = true };

        var read = JsonSerializer.Deserialize<MrfAdOptions>(JsonSerializer.Serialize(options))!;
        Assert.Equal(options.Shapes, read.Shapes);
        Assert.True(read.LevelMaps);
    }
}
