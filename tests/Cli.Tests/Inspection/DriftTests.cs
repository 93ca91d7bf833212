using MrfAd.Cli.Demo.Line;
using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Inspection;

/// <summary>A line that deteriorates step by step in one respect: that gauge reaches its limit, and the three others do not.</summary>
public sealed class DriftTests : IDisposable
{
    private const int Frames = 8;
    private const int Side = 450;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void On_generated_parts_each_cause_moves_its_own_gauge_first()
    {
        new PartLine(Train: 32, Good: Frames, OfEachKind: 0, Seed: 5).Write(_folder.File("line"), () => { }, CancellationToken.None);

        AssertOwnGaugeFirst(_folder.File("line"), DefaultEncoder.Path(), null);
    }

    [Fact]
    public void On_real_bottles_each_cause_moves_its_own_gauge_first()
    {
        var bottle = Path.Combine(SharedFolder.Require("data"), "mvtec/bottle");
        var encoder = Path.Combine(SharedFolder.Require("models"), "mobilenetv2_features.onnx");

        AssertOwnGaugeFirst(bottle, encoder, ["s8", "s16"]);
    }

    private void AssertOwnGaugeFirst(string line, string encoder, IReadOnlyList<string>? layers)
    {
        var good = Directory.GetFiles(Path.Combine(line, "train/good")).Order().Select(Small).ToList();
        using (var learned = Encoder.Open(encoder, layers, threads: 2))
        {
            var request = new LearnRequest { Images = good, Id = "drift", Created = DateTimeOffset.UnixEpoch, Options = new MrfAdOptions { Scales = [0.5], RowsPerBank = 5000 } };
            new BankLearner(learned, TimeProvider.System).Learn(request, _folder.File("drift.mrfbank"), null, CancellationToken.None);
        }

        using var inspector = MrfAdInspector.Open(encoder, _folder.File("drift.mrfbank"), 2, TimeProvider.System);
        var images = Directory.GetFiles(Path.Combine(line, "test/good")).Order().Take(Frames).Select(path => ImageCodec.Read(Small(path))).ToList();
        AssertFirst(DriftKind.Light, (image, step) => ChangedLine.Dimmed(image, 1 - (0.02 * step)));
        AssertFirst(DriftKind.Focus, (image, step) => ChangedLine.Blurred(image, 0.1 * step));
        AssertFirst(DriftKind.Position, (image, step) => ChangedLine.Shifted(image, step));
        AssertFirst(DriftKind.Score, (image, step) => ChangedLine.Imprinted(image, 2 * step));
        images.ForEach(image => image.Dispose());

        void AssertFirst(DriftKind cause, Func<Image, int, Image> change)
        {
            using var guard = new GuardLab(Frames);
            for (var step = 0; ; step++)
            {
                foreach (var image in images)
                {
                    using var changed = change(image, step);
                    guard.Guard.AddImage("top", inspector.Info, inspector.Info.ReferenceStatistics!.Read(changed).Drift!.Value);
                    guard.Guard.AddScore("top", inspector.Info, inspector.Inspect(changed).PValue);
                }

                var beyond = guard.Shares().Where(g => g.Value >= 1).Select(g => g.Key).ToList();
                var shares = $"{cause}, step {step}: {string.Join(", ", guard.Shares().Select(g => FormattableString.Invariant($"{g.Key} {g.Value:0.00}")))}";
                TestContext.Current.TestOutputHelper?.WriteLine(shares);
                if (beyond.Count == 0)
                {
                    Assert.True(step < 10, shares);
                    continue;
                }

                Assert.True(step > 0 && beyond is [var first] && first == cause, shares);
                Assert.StartsWith($"camera top: {MetricLabel.Of(cause)} has drifted: ", guard.Health.Current.Reason, StringComparison.Ordinal);
                Assert.Equal(StationState.Running, guard.Health.Current.State);
                return;
            }
        }
    }

    /// <summary>Makes a small copy of an image, to keep the test fast.</summary>
    private string Small(string path)
    {
        using var image = ImageCodec.Read(path);
        using var small = ImageResize.Resize(image, Side, Side * image.Height / image.Width);
        var file = _folder.File($"{Guid.NewGuid():N}.png");
        File.WriteAllBytes(file, ImageCodec.Encode(small, ImageFormat.Png));
        return file;
    }
}
