using MrfAd.Engine.Banks;
using MrfAd.Engine.Defects;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Masks;
using MrfAd.Platform;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Defects;

public sealed class HeldOutDefectsTests : IDisposable
{
    private const int OfEach = 6;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Learning_says_how_many_painted_defects_the_threshold_finds()
    {
        var found = Learn(OfEach, noise: 20);

        Assert.Equal(Enum.GetValues<DefectKind>(), found.Select(f => f.Kind));
        Assert.All(found, f => Assert.InRange(f.Found, 0, f.Painted));
        Assert.Equal(new DefectsFound(DefectKind.MissingPiece, OfEach, OfEach), found.Single(f => f.Kind == DefectKind.MissingPiece));
        Assert.Equal(found, Learn(OfEach, noise: 20));
    }

    /// <summary>Where good parts are as varied as defects, fewer are found: the figures depend on the model.</summary>
    [Fact]
    public void Fewer_are_found_where_good_parts_vary_more() => Assert.True(Learn(OfEach, noise: 160).Sum(f => f.Found) < Learn(OfEach, noise: 20).Sum(f => f.Found));

    /// <summary>What is ignored has no defect: those painted beside it are found as they are without regions.</summary>
    [Fact]
    public void Defects_are_painted_where_regions_inspect()
    {
        var left = new PartRegion { Kind = RegionKind.Ignore, Points = [[0, 0], [48, 0], [48, 96], [0, 96]] };

        var found = Learn(OfEach, noise: 20, new PartRegions { WidthPx = 96, HeightPx = 96, Regions = [left] });

        Assert.Equal(new DefectsFound(DefectKind.MissingPiece, OfEach, OfEach), found.Single(f => f.Kind == DefectKind.MissingPiece));
    }

    [Fact]
    public void None_are_painted_unless_asked_for() => Assert.Empty(Learn(0, noise: 20));

    private IReadOnlyList<DefectsFound> Learn(int painted, int noise, PartRegions? regions = null)
    {
        var images = Enumerable.Range(0, 12).Select(i => Part(i, noise)).ToList();
        using var encoder = Encoder.Open(TinyEncoder.Write(_folder.Path), null, 1);
        return new BankLearner(encoder, TimeProvider.System).Learn(
            new LearnRequest { Images = images, Id = "test", Created = default, Options = new MrfAdOptions { Scales = [0.5, 1], MinSide = 8 }, PaintedDefects = painted, Regions = regions, Threads = 1 }, _folder.File("test.mrfbank"), null, default).Painted;
    }

    /// <summary>A noisy square on a white background.</summary>
    private string Part(int seed, int noise)
    {
        var random = new Random(seed);
        using var image = new Image(96, 96, 1);
        for (var i = 0; i < 96 * 96; i++)
            image.Bytes[i] = i % 96 is < 16 or >= 80 || i / 96 is < 16 or >= 80 ? (byte)250 : (byte)(40 + random.Next(noise));
        var path = _folder.File($"{seed}.png");
        AtomicFile.Write(path, ImageCodec.Encode(image, ImageFormat.Png));
        return path;
    }
}
