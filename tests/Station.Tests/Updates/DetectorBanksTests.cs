using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Reporting;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Updates;

public sealed class DetectorBanksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _open;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, null, 0)]
    [InlineData(null, "top", 0)]
    [InlineData(null, "side", 1)]
    [InlineData(null, "back", null)]
    [InlineData("cap", null, 2)]
    [InlineData("cap", "top", 2)]
    [InlineData("cap", "side", 3)]
    [InlineData("lid", null, null)]
    public void The_detector_of_a_product_and_a_camera_is_found(string? product, string? camera, int? found)
    {
        using var banks = new DetectorBanks([Of(null, null, "top"), Of(null, "side", "side"), Of("cap", null, "top"), Of("cap", "side", "side")]);

        Assert.Same(found is { } i ? banks.All[i] : null, banks.Of(product, camera));
    }

    [Theory]
    [InlineData(null, null, "")]
    [InlineData(null, "side", " of side")]
    [InlineData("cap", null, " of cap")]
    [InlineData("cap", "side", " of cap at side")]
    public void A_detector_is_named_in_sentences_by_product_and_camera(string? product, string? camera, string of)
    {
        using var bank = Of(product, camera, "side").Bank;

        Assert.Equal(of, bank.Of);
    }

    [Fact]
    public void All_detectors_are_disposed_of()
    {
        var banks = new DetectorBanks([Of(null, null, "top"), Of("cap", null, "top")]);
        foreach (var detector in banks.All)
            detector.Bank.Detector.Open(_ => { });
        Assert.Equal(2, _open);

        banks.Dispose();

        Assert.Equal(0, _open);
    }

    [Fact]
    public void A_bank_that_is_not_loaded_yet_cannot_be_rolled_back()
    {
        using var bank = Of(null, null, "top").Bank;

        Assert.Equal("the bank is still being loaded", Assert.Throws<UpdateRefusedException>(() => bank.RollBack("test", "asked for")).Message);
    }

    [Fact]
    public async Task A_bank_that_is_not_loaded_yet_cannot_be_tested()
    {
        using var bank = Of(null, null, "top").Bank;
        Directory.CreateDirectory(_folder.File("golden/good"));
        File.WriteAllBytes(_folder.File("golden/good/1.png"), UpdateLab.Part(10));
        var health = new StationHealth(TimeProvider.System);
        await using var link = new FakeLink();
        using var test = new SelfTest(
            new UpdateOptions { GoldenFolder = _folder.File("golden") }, bank, health, link, new BrokerConnection(link, health), new StationTopics("site", "line", "s1"), TimeProvider.System, _folder.Path);

        var error = await Assert.ThrowsAsync<UpdateRefusedException>(() => test.RunOnceAsync(CancellationToken.None));

        Assert.Equal("the bank is still being loaded", error.Message);
    }

    [Fact]
    public void The_first_bank_has_none_to_go_back_to()
    {
        using var bank = Of(null, null, "top").Bank;
        bank.Detector.Open(_ => { });

        Assert.Equal("there is nothing to go back to: fake version 1 is the first", Assert.Throws<UpdateRefusedException>(() => bank.RollBack("test", "asked for")).Message);
    }

    [Fact]
    public void A_configured_file_that_is_another_by_now_is_not_kept_as_the_one_that_judged()
    {
        using var bank = Of(null, null, "top").Bank;
        bank.Detector.Open(_ => { });
        var configured = TestModel.Write(bank.Options.Bank, version: 2);

        var error = Assert.Throws<IOException>(() => bank.Store.BackUpConfigured(bank.Current!));

        Assert.Equal($"{configured} is no longer fake version 1", error.Message);
        Assert.Empty(Directory.GetFiles(bank.Store.Folder, "*.model*"));
    }

    private DetectorBank Of(string? product, string? camera, string judged)
    {
        var folder = _folder.File(Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder);
        var configured = TestModel.Write(Path.Combine(folder, "one.mrfbank"), version: 1);
        var detector = new ConfiguredDetector(product, camera, new DetectorOptions { Bank = configured }, [judged]);
        var bank = new StationBank(detector, new BankStore(Path.Combine(folder, "banks"), configured, new BankDisk()), Open, new AuditLog(folder), TimeProvider.System, NullLogger<StationBank>.Instance);
        return new DetectorBank(bank, null!, null!, null!, null!, null!, null!);
    }

    private FileInspector Open(DetectorOptions options)
    {
        _open++;
        return new FileInspector(options.Bank) { Disposing = () => _open-- };
    }
}
