using MrfAd.Cli.Demo.Line;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
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
        new PartLine(Train: 20, Good: 6, OfEachKind: 2, Seed: 7).Write(_folder.Path, () => { }, CancellationToken.None);
        var bank = _folder.File("parts.mrfbank");
        using (var encoder = Encoder.Open(DefaultEncoder.Path(), null, 2))
        {
            var request = new LearnRequest
            {
                Images = [.. Directory.GetFiles(_folder.File("train/good"))],
                Id = "parts",
                Created = TimeProvider.System.GetUtcNow(),
                Options = new MrfAdOptions { Scales = [0.6], RowsPerBank = 5000 },
                Folds = 2,
            };
            new BankLearner(encoder, TimeProvider.System).Learn(request, bank, null, CancellationToken.None);
        }

        using var inspector = MrfAdInspector.Open(DefaultEncoder.Path(), bank, 2, TimeProvider.System);
        var good = Scores("good").Max();
        Assert.All(Defect.Kinds.Keys, kind => Assert.True(Scores(kind).Max() > good, kind));

        IEnumerable<float> Scores(string kind) => Directory.GetFiles(_folder.File($"test/{kind}")).Select(path =>
        {
            using var image = ImageCodec.Read(path);
            return inspector.Inspect(image).Score;
        });
    }
}
