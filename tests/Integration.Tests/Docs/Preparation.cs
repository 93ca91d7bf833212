using System.Text.Json.Nodes;
using MrfAd.Engine.Masks;
using MrfAd.Station.GenICam;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Docs;

/// <summary>The things that the reader of a guide has before the commands of a section: pictures, files, banks, a running station.</summary>
public sealed class Preparation : IAsyncLifetime
{
    private readonly TemporaryFolder _learned = new();

    /// <summary>Learns the bank that readers already have.</summary>
    public async ValueTask InitializeAsync()
    {
        WriteGood(_learned.File("parts/good"));
        var (code, output, errors) = await AgentProcess.RunAsync("learn", _learned.File("parts/good"), "--out", Bank);
        Assert.True(code == 0, output + errors);
    }

    public ValueTask DisposeAsync()
    {
        _learned.Dispose();
        return ValueTask.CompletedTask;
    }

    private string Bank => _learned.File("part.mrfbank");

    /// <returns>The reader's folder and broker at the beginning of a page.</returns>
    public static async Task<Workplace> BeginAsync(string page)
    {
        if (page != "docs/mqtt.md")
            return await Workplace.CreateAsync();
        var rules = MarkdownPage.Get(page).Blocks.Single(block => block.Language == "ini").Text;
        var place = await Workplace.CreateAsync(((string[])[Workplace.Station, "line", "office"]).ToDictionary(name => name), rules);
        place.BrokerLogin = " -u office -P office";
        return place;
    }

    /// <summary>Prepares a section, before its first command.</summary>
    public Task BeforeAsync(Workplace place, string page, string section) => (page, section) switch
    {
        ("README.md", "Quick start") => DataSetAsync(place),
        ("README.md", "The first station") => PartsOfTheDemoAsync(place),
        ("docs/cameras.md", "Cameras, triggers, outputs") => CameraAsync(place),
        ("docs/cameras.md", "POST /inspect") => StationWithTwoCamerasAsync(place),
        ("docs/cameras.md", "Evidence") => EvidenceAsync(place),
        ("docs/commissioning.md", "1. Get the image right") => CameraAsync(place),
        ("docs/commissioning.md", "2. Collect good parts") => PicturesAsync(place),
        ("docs/configuration.md", "Configuration") => FirstStationAsync(place),
        ("docs/dashboard.md", "Correct a false reject") => FalseRejectAsync(place),
        ("docs/evaluation.md", "Evaluation") => DataSetsAsync(place),
        ("docs/evaluation.md", "Common tasks") => OwnImagesAndMapsAsync(place),
        ("docs/getting-started.md", "Learn good parts") => PicturesAsync(place),
        ("docs/getting-started.md", "A webcam") => CameraAsync(place),
        ("docs/history.md", "On the command line") => HistoryAsync(place),
        ("docs/integrations.md", "PLC") => PlcAsync(place),
        ("docs/models.md", "Build DINOv2") => MirrorAsync(place),
        ("docs/models.md", "Build DINOv3") => DinoV3Async(place),
        ("docs/models.md", "Banks") => BanksAsync(place),
        ("docs/mqtt.md", "Commands") => RunningStationAsync(place),
        ("docs/performance.md", "Device profiles") => FirstStationAsync(place),
        ("docs/products-and-regions.md", "Leave the background out") => MaskModelAsync(place),
        ("docs/regions.md", "Learn with them") => RegionsAsync(place),
        ("docs/results.md", "Results database") => HistoryAsync(place),
        ("docs/security.md", "Secure a station") => FirstStationAsync(place),
        ("docs/troubleshooting.md", "Troubleshooting") => RunningStationAsync(place),
        ("docs/updates.md", "Push a bank") => StationThatTakesUpdatesAsync(place),
        ("docs/updates.md", "Roll back") => FetchedBankAsync(place),
        ("docs/updates.md", "Corrections") => FalseRejectFileAsync(place),
        _ => Task.CompletedTask,
    };

    private static Task DataSetAsync(Workplace place)
    {
        TestDataset.WriteMvtecAd(place.At("few"));
        Encoder(place);
        return Task.CompletedTask;
    }

    /// <summary>The demo was given a data set, which it leaves where it is; without one it generates the parts here.</summary>
    private static Task PartsOfTheDemoAsync(Workplace place)
    {
        Directory.CreateDirectory(place.At("demo-out/line"));
        Directory.Move(place.At("few/part/train"), place.At("demo-out/line/train"));
        return Task.CompletedTask;
    }

    private static Task PicturesAsync(Workplace place)
    {
        WriteGood(place.At("parts/good"));
        PartPictures.WriteFolder(place.At("good-again"), first: 30, count: 1);
        PartPictures.WriteFolder(place.At("defects"), first: 40, count: 1, defective: true);
        PartPictures.Write(place.At("part.png"), seed: 50, defective: true);
        return Task.CompletedTask;
    }

    private static async Task CameraAsync(Workplace place)
    {
        if (!FakeGigECamera.IsInstalled)
            return;
        place.Keep(await FakeGigECamera.StartedAsync());
        await Poll.UntilAsync(() => GenICamDevice.Search().Count > 0, "the fake camera");
    }

    /// <summary>The station of the front page, with its bank.</summary>
    private async Task FirstStationAsync(Workplace place)
    {
        await PicturesAsync(place);
        File.Copy(Bank, place.At("part.mrfbank"));
        place.WriteStation(MarkdownPage.Get("README.md").Blocks.Single(block => block.Info == "json station").Text);
        await File.WriteAllTextAsync(place.At("token"), "0123456789abcdef");
    }

    private async Task RunningStationAsync(Workplace place)
    {
        await FirstStationAsync(place);
        await RunStationAsync(place);
    }

    private async Task StationWithTwoCamerasAsync(Workplace place)
    {
        await FirstStationAsync(place);
        place.WriteStation("""
            {
              "detector": { "bank": "part.mrfbank" }, "evidence": { "budget_mb": 10, "ok_one_in": 1 },
              "cameras": [
                { "name": "top", "source": "http:", "trigger": "http" },
                { "name": "side", "source": "folder:parts/good", "trigger": "http" }
              ]
            }
            """);
        await RunStationAsync(place);
    }

    /// <summary>The station's evidence is written once it has stopped.</summary>
    private static async Task EvidenceAsync(Workplace place)
    {
        await place.StopAsync();
        Assert.NotEmpty(Directory.GetFiles(place.At("evidence"), "*.json", SearchOption.AllDirectories));
    }

    private async Task FalseRejectAsync(Workplace place)
    {
        await FirstStationAsync(place);
        await place.PrepareAsync("./mrfad bank keygen office-2026");
        var station = JsonNode.Parse(await File.ReadAllTextAsync(place.At("station.json")))!;
        station["control"] = JsonNode.Parse("""{ "trusted_keys": [{ "id": "office-2026", "public_key_file": "office-2026.pub" }] }""");
        await File.WriteAllTextAsync(place.At("station.json"), station.ToJsonString());
        await RunStationAsync(place);
        await place.InspectAsync("part.png", id: "part-1");
        Assert.Equal("NG", (string?)JsonNode.Parse(place.LastOutput)!["verdict"]);
    }

    /// <summary>A running station with one NG part in its history.</summary>
    private async Task HistoryAsync(Workplace place)
    {
        await RunningStationAsync(place);
        await place.InspectAsync("part.png", id: "part-1");
        place.VerdictId = (string)JsonNode.Parse(place.LastOutput)!["id"]!;
    }

    private static Task DataSetsAsync(Workplace place)
    {
        Encoder(place);
        foreach (var name in (string[])["bottle", "screw"])
            TestDataset.WriteMvtecAd(place.At("mvtec"), name);
        TestDataset.WriteMvtecAd2(place.At("mvtec2"), "can");
        TestDataset.WriteMvtecAd(place.Folder, "magnetic-tile");
        return Task.CompletedTask;
    }

    private static async Task OwnImagesAndMapsAsync(Workplace place)
    {
        WriteGood(place.At("parts/good"));
        PartPictures.WriteFolder(place.At("parts/hole"), first: 40, count: 2, defective: true);
        await place.PrepareAsync("./mrfad evaluate mvtec --encoder resnet50v2.json --out of-another-program --maps maps");
    }

    private static async Task PlcAsync(Workplace place)
    {
        var packages = NodePackages.Require();
        place.NodeModules = Path.Combine(packages, "node_modules");
        place.PlcAddress = $"127.0.0.1:{FreePort.Next()}";
        Directory.CreateDirectory(place.At("examples/plc-gateway"));
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "examples/plc-gateway")))
            File.Copy(file, place.At($"examples/plc-gateway/{Path.GetFileName(file)}"));
        await place.StartAsync($"node '{Path.Combine(Repository.Root, "tests/Testing/plc.cjs")}' '{packages}' {place.PlcAddress.Split(':')[1]}", new LastingCommand("", 128 + 15) { Ready = "ready" });
        await place.PrepareAsync($"mosquitto_pub -h 127.0.0.1 -p {place.Broker.Port} -r -q 1 -t mrfad/v1/plant/line1/press/status -m '{{\"status\":\"online\"}}'");
    }

    /// <summary>A small network under the name of the published one, with a catalogue that names no hash.</summary>
    private static async Task MirrorAsync(Workplace place)
    {
        await PicturesAsync(place);
        Directory.CreateDirectory(place.At("mirror"));
        TestTorchFile.Write(place.At("mirror/dinov2_vitb14_reg4_pretrain.pth"), [.. TestCheckpoint.DinoV2(64, 12).Select(tensor => (tensor.Key, tensor.Value.Values, tensor.Value.Shape))]);
        await File.WriteAllTextAsync(place.At("small.json"), """
            { "models": [{ "name": "dinov2-reg-b", "url": "https://models.example/dinov2_vitb14_reg4_pretrain.pth", "license": "Apache-2.0" }] }
            """);
    }

    /// <summary>A small network under the name of the file that its publisher gives.</summary>
    private static Task DinoV3Async(Workplace place)
    {
        TestTorchFile.Write(place.At("dinov3_vits16_pretrain_lvd1689m-08c60483.pth"), [.. TestCheckpoint.DinoV3(64, 12).Select(tensor => (tensor.Key, tensor.Value.Values, tensor.Value.Shape))]);
        return Task.CompletedTask;
    }

    private Task BanksAsync(Workplace place)
    {
        File.Copy(Bank, place.At("part.mrfbank"), overwrite: true);
        PartPictures.WriteFolder(place.At("new-good"), first: 60, count: 2);
        foreach (var version in (int[])[3, 4])
            TestModel.Vary(Bank, place.At($"part-{version}.mrfbank"), version);
        return Task.CompletedTask;
    }

    private static async Task MaskModelAsync(Workplace place)
    {
        await PicturesAsync(place);
        TinyMask.Write(place.Folder);
    }

    private static async Task RegionsAsync(Workplace place)
    {
        await PicturesAsync(place);
        var ignored = new PartRegion { Kind = RegionKind.Ignore, Points = [[0, 0], [PartPictures.Width, 0], [PartPictures.Width, 10], [0, 10]] };
        await File.WriteAllTextAsync(place.At("regions.json"), new PartRegions { WidthPx = PartPictures.Width, HeightPx = PartPictures.Height, Regions = [ignored] }.ToJson());
    }

    private async Task StationThatTakesUpdatesAsync(Workplace place)
    {
        await PicturesAsync(place);
        PartPictures.WriteFolder(place.At("station/reference/good"), first: 70, count: 1);
        PartPictures.WriteFolder(place.At("station/reference/bad"), first: 80, count: 1, defective: true);
        File.Copy(Bank, place.At("station/part.mrfbank"));
        Directory.CreateDirectory(place.At("models"));
        place.FileServerAddress = place.Keep(await FolderServer.StartAsync(place.At("models"))).Address;
        await place.PrepareAsync($"sed -i 's|https://models.plant/|{place.FileServerAddress}|' station.json && cp station.json office-2026.pub station");
        await RunStationAsync(place, "station");
        TestModel.Vary(Bank, place.At("models/part.mrfbank"), version: 3);
        await place.PrepareAsync("./mrfad bank sign models/part.mrfbank --sign-key office-2026.key");
    }

    /// <summary>The station judges by the bank that it has fetched.</summary>
    private static Task FetchedBankAsync(Workplace place) => Poll.UntilAsync(
        async () =>
        {
            await place.PrepareAsync($"./mrfad bank status --station plant/line1/press --broker {place.BrokerAddress}");
            return (int)JsonNode.Parse(place.LastOutput)!["current"]!["version"]! == 3;
        },
        "version 3 of the bank");

    private static Task FalseRejectFileAsync(Workplace place)
    {
        PartPictures.Write(place.At("good/007.png"), seed: 90, defective: true);
        PartPictures.WriteFolder(place.At("parts/test"), first: 100, count: 2);
        return Task.CompletedTask;
    }

    private static void WriteGood(string folder) => PartPictures.WriteFolder(folder, first: 10, count: 8);

    private static void Encoder(Workplace place) => File.Copy(Path.ChangeExtension(TinyEncoder.Write(place.Folder), "json"), place.At("resnet50v2.json"));

    private static Task<ShellCommand> RunStationAsync(Workplace place, string folder = ".") =>
        place.StartAsync($"'{place.At("mrfad")}' run --config station.json", new LastingCommand("", 0) { Ready = @"\bReady\b" }, place.At(folder));
}
