using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Control;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Products;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Capture;
using MrfAd.StationTesting;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Inspection;

/// <summary>Parts are 32x24 px of one brightness, which is their score; the threshold is 100.</summary>
public sealed class StationRegionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly StationHealth _health;
    private readonly Camera _camera;
    private Detectors? _detectors;

    public StationRegionsTests()
    {
        _health = new StationHealth(_clock);
        _health.Prepared();
        _camera = new Camera(new CameraOptions { Name = "top" }, new FakeSource().Open, new PendingShots(_clock), new FrameLimits(new(), new(long.MaxValue)), _health, _meter, _clock, NullLogger<Camera>.Instance);
    }

    public void Dispose()
    {
        _detectors?.Dispose();
        _meter.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Regions_hold_for_their_camera_and_product_over_a_restart_until_they_are_taken_back()
    {
        new StationRegions(_folder.Path).Set("top", "m6", Setting(Hole), "office", DateTimeOffset.UnixEpoch);

        var after = new StationRegions(_folder.Path);
        Assert.Equal(Setting(Hole).Regions.Sha256, after.Find("top", "m6")!.Regions.Sha256);
        Assert.Null(after.Find("top", null));
        Assert.Null(after.Find("side", "m6"));
        after.Set("top", "m6", null, "mqtt", DateTimeOffset.UnixEpoch);

        Assert.Null(new StationRegions(_folder.Path).Find("top", "m6"));
        var audit = File.ReadAllLines(_folder.File("audit.jsonl"));
        Assert.Equal(2, audit.Length);
        Assert.Contains($"\"by\":\"office\",\"what\":\"regions\",\"camera\":\"top\",\"from\":null,\"to\":\"{Setting(Hole).Regions.Sha256}\",\"regions\":{{", audit[0], StringComparison.Ordinal);
        Assert.Contains("\"to\":null,\"regions\":null,\"product\":\"m6\"", audit[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"top":null}""")]
    [InlineData("""{"top":{"regions":null,"reference_sha256":null}}""")]
    [InlineData("""{"top":{"reference_sha256":null}}""")]
    [InlineData("""{"top":{"regions":{"width_px":32,"height_px":24,"regions":[null]},"reference_sha256":null}}""")]
    [InlineData("""{"top":{"regions":{"width_px":32,"height_px":24,"regions":[{"kind":"ignore","points":[[0,0],[1,1]]}]},"reference_sha256":null}}""")]
    [InlineData("""{"top":{"regions":{"width_px":32,"height_px":24,"regions":[{"kind":"else","points":[[0,0],[9,0],[0,9]]}]},"reference_sha256":null}}""")]
    public void A_damaged_file_is_set_aside_and_named_and_the_next_regions_are_kept(string content)
    {
        File.WriteAllText(_folder.File("regions.json"), content);

        var regions = new StationRegions(_folder.Path);

        Assert.Contains("regions.json was damaged", regions.Damage, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(_folder.File("regions.json.damaged")));
        Assert.Null(regions.Find("top", null));
        regions.Set("top", null, Setting(Hole), "office", DateTimeOffset.UnixEpoch);
        var next = new StationRegions(_folder.Path);
        Assert.Equal((Setting(Hole).Regions.Sha256, null), (next.Find("top", null)?.Regions.Sha256, next.Damage));
    }

    [Fact]
    public void A_change_that_cannot_be_written_changes_nothing()
    {
        var regions = new StationRegions(_folder.File("state"));
        regions.Set("top", null, Setting(Hole), "office", DateTimeOffset.UnixEpoch);
        Directory.Delete(_folder.File("state"), recursive: true);

        Assert.ThrowsAny<IOException>(() => regions.Set("top", null, null, "office", DateTimeOffset.UnixEpoch));

        Assert.NotNull(regions.Find("top", null));
    }

    [Fact]
    public void A_part_is_judged_by_the_regions_that_are_drawn_when_it_is_judged_and_says_which()
    {
        var (regions, inspector) = Judges(new FakeInspector());

        Assert.Equal((Verdict.Ng, null), Judge(inspector, 150));
        regions.Set("top", null, Setting(Lenient(200)), "office", DateTimeOffset.UnixEpoch);
        Assert.Equal((Verdict.Ok, Setting(Lenient(200)).Regions.Sha256), Judge(inspector, 150));
        Assert.Equal(Verdict.Ng, Judge(inspector, 220).Verdict);
        regions.Set("top", null, Setting(Lenient(50)), "office", DateTimeOffset.UnixEpoch);
        var ng = Inspect(inspector, 70);
        Assert.Equal((Verdict.Ng, 0f, "label"), (ng.Verdict, ng.Judgement!.Score, Assert.Single(ng.Judgement.Regions).Name));
        regions.Set("top", null, null, "office", DateTimeOffset.UnixEpoch);
        Assert.Equal((Verdict.Ok, null), Judge(inspector, 70));
    }

    [Fact]
    public void Regions_of_the_station_hold_before_those_of_the_bank()
    {
        var bank = Setting(Lenient(200)).Regions;
        var (regions, inspector) = Judges(new FakeInspector { Info = new FakeInspector().Info with { Regions = bank } });

        Assert.Equal((Verdict.Ok, bank.Sha256), Judge(inspector, 150));
        var none = Setting();
        regions.Set("top", null, none, "office", DateTimeOffset.UnixEpoch);

        Assert.Equal((Verdict.Ng, none.Regions.Sha256), Judge(inspector, 150));
    }

    [Fact]
    public void Regions_that_do_not_fit_the_bank_are_not_used_and_the_state_says_so_until_they_fit()
    {
        var (regions, inspector) = Judges(new FakeInspector { Info = new FakeInspector().Info with { ReferenceSha256 = "b", Learned = new LearnedSize("fake", 32, 24, false, null) } });

        regions.Set("top", null, Setting(Lenient(200)) with { ReferenceSha256 = "a" }, "office", DateTimeOffset.UnixEpoch);
        Assert.Equal((Verdict.Ng, null), Judge(inspector, 150));
        Assert.Equal(StationState.Degraded, _health.Current.State);
        Assert.Equal("the regions of top are not used: they are drawn over another reference than that of the bank 'fake'; draw them again, or return to the bank's own", _health.Current.Reason);

        regions.Set("top", null, new RegionSetting(Setting(Lenient(200)).Regions with { WidthPx = 33 }, "b"), "office", DateTimeOffset.UnixEpoch);
        Assert.Equal((Verdict.Ng, null), Judge(inspector, 150));
        Assert.Contains("they are drawn over images of 33x24, the bank 'fake' learned 32x24", _health.Current.Reason, StringComparison.Ordinal);

        regions.Set("top", null, Setting(Lenient(200)) with { ReferenceSha256 = "b" }, "office", DateTimeOffset.UnixEpoch);
        Assert.Equal(Verdict.Ok, Judge(inspector, 150).Verdict);
        Assert.Equal((StationState.Ready, null), (_health.Current.State, _health.Current.Reason));
    }

    [Fact]
    public async Task The_command_changes_how_parts_are_judged_and_wants_the_product_where_there_are_several()
    {
        var regions = new StationRegions(_folder.Path);
        using var detectors = new Detectors([("m6", "top", Loaded(new FakeInspector())), ("m8", "top", new Detector(() => throw new IOException()))]);
        var products = new ActiveProducts(new StationOptions { StateFolder = _folder.Path, Products = [new ProductOptions { Name = "m6" }, new ProductOptions { Name = "m8" }], Cameras = [new CameraOptions { Name = "top" }] });
        var command = new SetRegions([_camera], detectors, regions, products, _clock);

        Assert.Equal((CommandKind.Change, "regions"), (command.Kind, command.Name));
        Assert.Equal(CommandErrorCode.NotFound, (await RefusedAsync("{}")).Code);
        Assert.Equal(CommandErrorCode.NotReady, (await RefusedAsync("""{ "product": "m8" }""")).Code);
        var drawn = Setting(Hole).Regions.ToJson();
        var reply = await command.RunAsync(Call($$"""{ "product": "m6", "regions": {{drawn}} }"""), CancellationToken.None);

        Assert.Equal(Setting(Hole).Regions.Sha256, (string?)reply.Result!["regions_sha256"]);
        Assert.NotNull(regions.Find("top", "m6"));
        Assert.Null(regions.Find("top", "m8"));

        async Task<CommandException> RefusedAsync(string payload) => await Assert.ThrowsAsync<CommandException>(() => command.RunAsync(Call(payload), CancellationToken.None));
    }

    [Fact]
    public async Task The_command_refuses_regions_over_another_image_than_the_reference()
    {
        var reference = new Engine.Alignment.AlignmentReference { Image = "012.png", Png = [], Width = 32, Height = 24, MinQuality = 0 };
        using var detectors = new Detectors([(null, "top", Loaded(new FakeInspector { Info = new FakeInspector().Info with { Reference = reference, ReferenceSha256 = "b" } }))]);
        var regions = new StationRegions(_folder.Path);
        var command = new SetRegions([_camera], detectors, regions, new ActiveProducts(new StationOptions()), _clock);
        string With(string image) => $$"""{ "regions": {{(Setting(Hole).Regions with { Image = image }).ToJson()}} }""";

        var error = await Assert.ThrowsAsync<CommandException>(() => command.RunAsync(Call(With("013.png")), CancellationToken.None));
        await command.RunAsync(Call(With("012.png")), CancellationToken.None);

        Assert.Equal("want regions that are drawn over the bank's reference, 012.png, got some over 013.png", error.Message);
        Assert.Equal(("b", "012.png"), (regions.Find("top", null)!.ReferenceSha256, regions.Find("top", null)!.Regions.Image));
    }

    private static CommandCall Call(string payload) => new("regions", System.Text.Encoding.UTF8.GetBytes(payload), null);

    private (StationRegions Regions, ShotInspector Inspector) Judges(FakeInspector fake)
    {
        _detectors = new Detectors([(null, "top", Loaded(fake))]);
        var regions = new StationRegions(_folder.Path);
        return (regions, new ShotInspector(
            _detectors, new Thresholds(_folder.Path), new DriftGuard(new DriftOptions(), _meter, _health, NullLogger<DriftGuard>.Instance), new PreviewSampler(enabled: false, _clock), _health, _meter, _clock,
            NullLogger<InspectionWorker>.Instance)
        { Regions = regions });
    }

    private static Detector Loaded(FakeInspector fake)
    {
        var detector = new Detector(() => fake);
        detector.Open(_ => { });
        return detector;
    }

    private (Verdict Verdict, string? Regions) Judge(ShotInspector inspector, byte brightness) =>
        Inspect(inspector, brightness) is var report ? (report.Verdict, report.Judgement!.RegionsSha256) : default;

    private InspectionReport Inspect(ShotInspector inspector, byte brightness)
    {
        var trigger = new Trigger(Guid.Empty, 1, "part", "mqtt", _clock.GetUtcNow(), 0, null);
        using var report = inspector.Inspect(new Shot(_camera, trigger, new Frame(TestPart.Make(brightness), "f", TimeSpan.Zero), null, null, 0));
        return report;
    }

    private static PartRegion Hole { get; } = new() { Name = "hole", Kind = RegionKind.Ignore, Points = [[4, 4], [9, 4], [4, 9]] };

    private static PartRegion Lenient(float threshold) => new() { Name = "label", Kind = RegionKind.Named, Threshold = threshold, Points = [[0, 0], [32, 0], [32, 24], [0, 24]] };

    private static RegionSetting Setting(params PartRegion[] regions) => new(new PartRegions { WidthPx = 32, HeightPx = 24, Regions = regions }, null);
}
