using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Collecting;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Collecting;

/// <summary>A detector without a model, which learns the first one with a real encoder.</summary>
public sealed class FirstModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly UpdateTrust _trust;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly string _encoder;
    private readonly CollectingOptions _options;
    private readonly CollectedFrames _frames;
    private Func<DetectorOptions, IInspector> _open = detector => InspectorFactory.Open(detector, TimeProvider.System);

    public FirstModelTests()
    {
        _encoder = TinyEncoder.Write(_folder.Path);
        _trust = new UpdateTrust(new UpdateOptions(), "s1", _folder.Path, TimeProvider.System);
        _options = new CollectingOptions { Enabled = true, Folder = _folder.File("collected"), MinParts = 8, Scales = [0.5, 1], LeastSide = 32, Rows = null };
        _frames = Frames();
    }

    private string Bank => _folder.File("banks/part.mrfbank");

    public void Dispose()
    {
        _trust.Dispose();
        _oneAtATime.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_is_learned_from_good_parts_alone_signed_and_judges_without_a_restart_and_after_one()
    {
        Collect(8);
        _frames.Keep(Guid.CreateVersion7(), "top", null, Part(99, defective: true), null);
        var stages = new List<string>();
        InspectorInfo learned;
        using (var bank = Station())
        {
            var model = Model(bank);
            model.Changed += () =>
            {
                if (model.Progress?.Stage is { } stage && !stages.Contains(stage))
                    stages.Add(stage);
            };
            Assert.True(bank.Detector.IsCollecting);

            await model.Begin("test").WaitAsync(TestTimeout.Value);

            Assert.Equal((null, null), (model.Failure, model.Progress));
            Assert.Equal(["reading", "extracting", "calibrating", "writing", "signing", "opening"], stages);
            Assert.False(bank.Detector.IsCollecting);
            Assert.Equal((false, true), Judged(bank));
            learned = bank.Detector.Info!;
            Assert.Equal(("part", 1), (learned.BankId, learned.BankVersion));
            Assert.Equal("there is a model already", Assert.Throws<UpdateRefusedException>(() => { _ = model.Begin("test"); }).Message);
        }

        Assert.Equal(learned.BankSha256, _trust.Open(Manifests.ReadBeside(Bank)).Sha256);
        var audit = JsonNode.Parse(Assert.Single(await File.ReadAllLinesAsync(_folder.File("state/audit.jsonl"))))!;
        Assert.Equal(("test", "accepted", "learned here from 8 good parts"), ((string?)audit["by"], (string?)audit["result"], (string?)audit["reason"]));
        Assert.Equal(["part.mrfbank", "part.mrfbank.sig"], Directory.GetFiles(_folder.File("banks")).Select(Path.GetFileName).Order());

        using var again = Station();
        Assert.False(again.Detector.IsCollecting);
        again.Detector.Open(_ => { });
        Assert.Equal(learned.BankSha256, again.Detector.Info!.BankSha256);
        // The state of the first start is that of this one: nothing was forgotten.
        Assert.Equal("learned here from 8 good parts", again.Store.Banks.Last!.Reason);
    }

    [Fact]
    public void Too_few_good_parts_are_refused_with_their_number()
    {
        Collect(7);
        using var bank = Station();

        Assert.Equal("want at least 8 good parts (collect.min_parts), got 7", Assert.Throws<UpdateRefusedException>(() => { _ = Model(bank).Begin("test"); }).Message);
    }

    [Fact]
    public async Task What_fails_is_said_and_the_station_goes_on_collecting()
    {
        Collect(7);
        var other = Guid.CreateVersion7();
        using (var image = new Image(48, 32, 3))
            _frames.Keep(other, "top", null, image, null);
        _frames.Mark(other, isGood: true);
        using var bank = Station();
        var model = Model(bank);

        await model.Begin("test").WaitAsync(TestTimeout.Value);

        Assert.StartsWith("sizes differ: ", model.Failure, StringComparison.Ordinal);
        Assert.True(bank.Detector.IsCollecting);
        Assert.Empty(Directory.GetFiles(_folder.File("banks")));

        // Without the odd one, and with another in its place, it can be learned.
        _frames.Mark(other, isGood: false);
        Collect(1);
        await model.Begin("test").WaitAsync(TestTimeout.Value);
        Assert.Null(model.Failure);
        Assert.Equal((false, true), Judged(bank));
    }

    [Fact]
    public async Task A_model_that_cannot_be_opened_leaves_no_file_that_would_keep_the_station_from_starting()
    {
        Collect(8);
        _open = _ => throw new IOException("there is no memory for it");
        using var bank = Station();
        var model = Model(bank);

        await model.Begin("test").WaitAsync(TestTimeout.Value);

        Assert.Equal("there is no memory for it", model.Failure);
        Assert.Empty(Directory.GetFiles(_folder.File("banks")));
        Assert.True(bank.Detector.IsCollecting);
    }

    [Fact]
    public async Task A_kill_while_learning_leaves_a_station_that_collects_and_one_after_the_rename_a_station_that_judges()
    {
        Collect(8);
        Directory.CreateDirectory(_folder.File("banks"));
        await File.WriteAllTextAsync(Bank + ".learning", "half of a bank");
        using (var killed = Station())
        {
            var model = Model(killed);
            Assert.True(killed.Detector.IsCollecting);
            Assert.False(File.Exists(Bank + ".learning"));
            await model.Begin("test").WaitAsync(TestTimeout.Value);
        }

        // As if neither the state nor the signature had been written.
        File.Delete(_folder.File("state/banks/banks.json"));
        File.Delete(Bank + ".sig");
        using var again = Station();
        Assert.False(again.Detector.IsCollecting);
        again.Detector.Open(_ => { });
        Assert.Equal((false, true), Judged(again));
    }

    [Fact]
    public async Task One_is_learned_at_a_time()
    {
        Collect(8);
        using var bank = Station();
        await _oneAtATime.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("a model is being learned: try again when it is finished", Assert.Throws<UpdateRefusedException>(() => { _ = Model(bank).Begin("test"); }).Message);
    }

    private void Collect(int count)
    {
        var before = _frames.Of("top", null).Count;
        for (var i = 0; i < count; i++)
        {
            var id = Guid.CreateVersion7();
            using var image = Part(before + i);
            _frames.Keep(id, "top", null, image, null);
            Assert.True(_frames.Mark(id, isGood: true));
        }
    }

    private static Image Part(int seed, bool defective = false) => ImageCodec.Decode(LearnedStation.Part(seed, defective), "part");

    private static (bool Good, bool Bad) Judged(StationBank bank)
    {
        using var good = Part(500);
        using var bad = Part(501, defective: true);
        return bank.Detector.Judge(inspector => (inspector.Inspect(good).IsDefective, inspector.Inspect(bad).IsDefective));
    }

    private CollectedFrames Frames() => new(_options, [(null, "top")], new StationHealth(TimeProvider.System), NullLogger<CollectedFrames>.Instance);

    private StationBank Station() => new(
        new ConfiguredDetector(null, null, new DetectorOptions { Bank = Bank, Encoder = _encoder, Threads = 1 }, ["top"]),
        new BankStore(_folder.File("state/banks"), Bank, new BankDisk()), _open, new AuditLog(_folder.File("state")), TimeProvider.System, NullLogger<StationBank>.Instance, collects: true);

    private FirstModel Model(StationBank bank)
    {
        var model = new FirstModel(bank, _frames, _options, _trust, _oneAtATime, TimeProvider.System, NullLogger<FirstModel>.Instance, CancellationToken.None);
        model.Prepare();
        return model;
    }
}
