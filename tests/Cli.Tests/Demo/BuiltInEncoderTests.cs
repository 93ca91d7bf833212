using MrfAd.Cli.Demo.Line;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Demo;

/// <summary>The built-in encoder on generated parts, as in <c>mrfad demo</c>.</summary>
public sealed class BuiltInEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_kind_of_defect_stands_out_from_all_good_parts()
    {
        using var inspector = MrfAdInspector.Open(DefaultEncoder.Path(), Learn(new MrfAdOptions { Scales = [0.6], RowsPerBank = 5000 }), 2, TimeProvider.System);
        var good = Scores("good").Max();
        Assert.All(Defect.Kinds.Keys, kind => Assert.True(Scores(kind).Max() > good, kind));

        IEnumerable<float> Scores(string kind) => Directory.GetFiles(_folder.File($"test/{kind}")).Select(path =>
        {
            using var image = ImageCodec.Read(path);
            return inspector.Inspect(image).Score;
        });
    }

    [Fact]
    public void The_certified_search_judges_as_the_full_one()
    {
        // Shaped features are kept for the patches that are searched later.
        var bank = Learn(new MrfAdOptions { Scales = [0.3, 0.4], RowsPerBank = 2000, PoolSide = 3, Normalise = true });
        using var full = MrfAdInspector.Open(DefaultEncoder.Path(), bank, 2, TimeProvider.System);
        using var certified = MrfAdInspector.Open(DefaultEncoder.Path(), bank, 2, TimeProvider.System, certified: true);
        PartRegions? regions = null;
        foreach (var path in Directory.GetFiles(_folder.File("test"), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var image = ImageCodec.Read(path);
            regions = regions is null ? LeftHalfIgnored(image) : null; // for every other image
            var (wanted, got) = (full.Inspect(image, regions: regions), certified.Inspect(image, regions: regions));

            Assert.Equal((wanted.Score, wanted.PValue, wanted.IsDefective), (got.Score, got.PValue, got.IsDefective));
            Assert.Equal(wanted.Regions, got.Regions);
            Assert.Equal(Spots(full.Explain(wanted, 3)), Spots(certified.Explain(got, 3)));
        }

        static IEnumerable<(int X, int Y, float Score, string Distances)> Spots(IReadOnlyList<HotSpot> spots) =>
            spots.Select(s => (s.X, s.Y, s.Score, string.Join(' ', s.Nearest.Select(n => FormattableString.Invariant($"{n.Branch} {n.Distance:R}")))));
    }

    [Fact]
    public void An_approximate_search_has_no_bounds_to_certify()
    {
        using var inspector = MrfAdInspector.Open(DefaultEncoder.Path(), Learn(new MrfAdOptions { Scales = [0.3], RowsPerBank = 1000, Search = SearchMethod.IvfFlat }), 2, TimeProvider.System, certified: true);
        using var image = ImageCodec.Read(Directory.GetFiles(_folder.File("test/good"))[0]);

        Assert.False(inspector.Inspect(image).IsBounded);
    }

    private static PartRegions LeftHalfIgnored(Image image) => new()
    {
        WidthPx = image.Width,
        HeightPx = image.Height,
        Regions = [new PartRegion { Kind = RegionKind.Ignore, Points = [[0, 0], [image.Width / 2, 0], [image.Width / 2, image.Height], [0, image.Height]] }],
    };

    private string Learn(MrfAdOptions options)
    {
        new PartLine(Train: 20, Good: 6, OfEachKind: 2, Seed: 7).Write(_folder.Path, () => { }, CancellationToken.None);
        using var encoder = Encoder.Open(DefaultEncoder.Path(), null, 2);
        var request = new LearnRequest
        {
            Images = [.. Directory.GetFiles(_folder.File("train/good"))],
            Id = "parts",
            Created = TimeProvider.System.GetUtcNow(),
            Options = options,
            Folds = 2,
        };
        new BankLearner(encoder, TimeProvider.System).Learn(request, _folder.File("parts.mrfbank"), null, CancellationToken.None);
        return _folder.File("parts.mrfbank");
    }
}
