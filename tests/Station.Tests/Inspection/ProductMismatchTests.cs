using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Capture;
using MrfAd.StationTesting;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Inspection;

/// <summary>A line of two products, bright squares and bright bars on a dark belt, where the part on the belt is not always the product that was triggered.</summary>
public sealed class ProductMismatchTests : IDisposable
{
    private const int Side = 64;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly StationHealth _health;
    private readonly List<Detectors> _detectors = [];

    public ProductMismatchTests() => _health = new StationHealth(_clock);

    public void Dispose()
    {
        _detectors.ForEach(d => d.Dispose());
        _meter.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_part_of_another_product_is_invalid_and_says_which()
    {
        using var report = Inspect("square", Part("bar", 99));

        Assert.Equal((Verdict.Invalid, ImageFaultKind.ProductMismatch, "bar"), (report.Verdict, report.Fault?.Kind, report.LooksLike));
        Assert.Matches("^the part is another product's: likeness to good parts -?0.*; it looks like 'bar'$", report.Reason);
        var message = VerdictMessages.From(report, "press");
        Assert.Equal(("product_mismatch", "bar", "square"), (message.Fault?.Kind, message.LooksLike, message.Product));
    }

    [Fact]
    public void A_part_of_no_product_is_absent()
    {
        using var report = Inspect("square", Part("none", 99));

        Assert.Equal((Verdict.Invalid, ImageFaultKind.PartAbsent, null), (report.Verdict, report.Fault?.Kind, report.LooksLike));
    }

    [Theory]
    [InlineData(false, Verdict.Ok)]
    [InlineData(true, Verdict.Ng)]
    public void A_part_of_its_own_product_looks_like_no_other(bool isDefective, Verdict verdict)
    {
        using var report = Inspect("bar", Part("bar", 99, isDefective));

        Assert.Equal((verdict, null, null), (report.Verdict, report.Fault, report.LooksLike));
    }

    [Fact]
    public void An_NG_part_that_resembles_another_products_more_stays_NG_and_says_which()
    {
        using var report = Inspect("square", Part("bar", 99, isDefective: true), minCorrelation: -1);

        Assert.Equal((Verdict.Ng, "bar"), (report.Verdict, report.LooksLike));
    }

    /// <param name="minCorrelation">What the triggered product's check asks for; null as learned.</param>
    private InspectionReport Inspect(string product, Image image, double? minCorrelation = null)
    {
        var detectors = new Detectors([("square", "top", Open("square")), ("bar", "top", Open("bar"))]);
        _detectors.Add(detectors);
        var inspector = new ShotInspector(
            detectors, new Thresholds(_folder.Path), new DriftGuard(new DriftOptions(), _meter, _health, NullLogger<DriftGuard>.Instance), new PreviewSampler(enabled: false, _clock), _health, _meter, _clock,
            NullLogger<InspectionWorker>.Instance);
        var camera = new Camera(
            new CameraOptions { Name = "top" }, new FakeSource().Open, new PendingShots(_clock), new FrameLimits(new(), new(long.MaxValue)), _health, _meter, _clock, NullLogger<Camera>.Instance);
        var trigger = new Trigger(Guid.Empty, 1, "part", "mqtt", _clock.GetUtcNow(), 0, null) { Product = product };
        return inspector.Inspect(new Shot(camera, trigger, new Frame(image, "f", TimeSpan.Zero), null, null, 0));

        Detector Open(string name)
        {
            var good = Good(name);
            if (name == product && minCorrelation is { } min)
                good = good with { MinCorrelation = min, MaxShift = null, MinSharpness = 0 };
            var fake = new FakeInspector { Width = Side, Height = Side };
            var detector = new Detector(() => new FakeInspector { Width = Side, Height = Side, Info = fake.Info with { ReferenceStatistics = good } });
            detector.Open(_ => { });
            return detector;
        }
    }

    private static ReferenceStatistics Good(string name)
    {
        var learner = new ReferenceStatisticsLearner();
        for (var i = 0; i < 12; i++)
        {
            using var image = Part(name, i);
            learner.Add(image);
        }

        return learner.Finish();
    }

    /// <param name="isDefective">The first pixel is bright, by which <see cref="FakeInspector"/> judges.</param>
    private static Image Part(string name, int seed, bool isDefective = false)
    {
        var random = new Random(seed);
        var image = new Image(Side, Side, 1);
        for (var i = 0; i < image.Bytes.Length; i++)
        {
            var (x, y) = (i % Side, i / Side);
            var isPart = name switch
            {
                "square" => x is > 20 and < 44 && y is > 20 and < 44,
                "bar" => x is > 4 and < 60 && y is > 26 and < 36,
                _ => false,
            };
            image.Bytes[i] = (byte)((isPart ? 150 : 50) + random.Next(20));
        }

        image.Bytes[0] = (byte)(isDefective ? 200 : 50);
        return image;
    }
}
