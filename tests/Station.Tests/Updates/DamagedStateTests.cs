using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Updates;

/// <summary>State files of the updates that are damaged at a start.</summary>
public sealed class DamagedStateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"current\":")]
    [InlineData("{\"current\":{\"id\":1}}")]
    [InlineData("\u0000\u0000\u0000")]
    public void A_damaged_list_of_banks_is_set_aside_and_no_model_is_deleted(string content)
    {
        var banks = _folder.File("banks");
        Directory.CreateDirectory(banks);
        File.WriteAllText(Path.Combine(banks, "banks.json"), content);
        File.WriteAllText(Path.Combine(banks, "abc.model"), "a model");
        File.WriteAllText(_folder.File("part.mrfbank"), "the configured one");

        var store = new BankStore(banks, _folder.File("part.mrfbank"), new BankDisk());

        Assert.Contains("banks.json was damaged", store.Damage, StringComparison.Ordinal);
        Assert.Contains("part.mrfbank judges", store.Damage, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(Path.Combine(banks, "banks.json.damaged")));
        Assert.Equal("a model", File.ReadAllText(Path.Combine(banks, "abc.set-aside")));
        Assert.Null(store.Banks.Current);
        store.Change(stored => stored with { Trusted = new Dictionary<string, int> { ["part"] = 2 } });
        var next = new BankStore(banks, _folder.File("part.mrfbank"), new BankDisk());
        Assert.Equal((null, 2), (next.Damage, next.Banks.Trusted["part"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no PEM")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMIGH")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void A_damaged_key_of_the_station_is_set_aside_for_a_new_one(string content)
    {
        Open().Dispose();
        File.WriteAllText(_folder.File("station-s1.key"), content);

        using var trust = Open();

        Assert.Contains("station-s1.key was damaged", trust.Damage, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(_folder.File("station-s1.key.damaged")));
        AssertWorks(trust);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no PEM")]
    [InlineData(null)]
    public void A_damaged_public_half_is_written_anew(string? content)
    {
        Open().Dispose();
        var before = File.ReadAllText(_folder.File("station-s1.pub"));
        if (content is null)
            File.Delete(_folder.File("station-s1.pub"));
        else
            File.WriteAllText(_folder.File("station-s1.pub"), content);

        using var trust = Open();

        Assert.Null(trust.Damage);
        Assert.Equal(before, File.ReadAllText(_folder.File("station-s1.pub")));
        AssertWorks(trust);
    }

    [Fact]
    public async Task A_first_start_on_a_full_disk_judges_by_the_configured_bank()
    {
        await using var lab = new UpdateLab { Disk = new FullDisk(writes: 0) };

        await lab.StartAsync();

        Assert.NotNull(lab.Bank.Detector.Info);
        Assert.Equal(lab.Bank.Detector.Info.BankSha256, lab.Bank.Store.Banks.Current?.Sha256);
        Assert.False(File.Exists(Path.Combine(lab.State, "banks", "banks.json")));
    }

    [Fact]
    public void A_public_half_alone_gives_way_to_a_new_key()
    {
        Open().Dispose();
        File.Delete(_folder.File("station-s1.key"));

        using var trust = Open();

        AssertWorks(trust);
    }

    /// <summary>The station accepts its own signatures.</summary>
    private static void AssertWorks(UpdateTrust trust)
    {
        var manifest = new ModelManifest
        {
            Id = "part",
            Version = 1,
            Format = "mrfad-bank/2",
            EncoderId = "e",
            EncoderSha256 = new string('a', 64),
            Threshold = 1,
            CalibrationSha256 = new string('b', 64),
            Created = DateTimeOffset.UnixEpoch,
            MinimumAgentVersion = "0.1.0",
            Size = 1,
            Sha256 = new string('c', 64),
            ChunkBytes = 65_536,
            Chunks = new byte[32],
        };
        Assert.Equal("part", trust.Open(Manifests.Sign(manifest, trust.Own)).Id);
    }

    private UpdateTrust Open() => new(new UpdateOptions(), "s1", _folder.Path, TimeProvider.System);
}
