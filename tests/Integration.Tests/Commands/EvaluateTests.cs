using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Commands;

/// <summary><c>mrfad evaluate</c> on the command line, with a small generated dataset.</summary>
public sealed partial class EvaluateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _encoder;

    public EvaluateTests() => _encoder = TinyEncoder.Write(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_pass_gives_the_fused_map_and_each_scale_layer_and_pair_and_a_page_that_shows_them()
    {
        var set = TestDataset.WriteMvtecAd(_folder.File("data"));
        var (code, output, errors) = await Evaluate(set);
        Assert.True(code == 0, errors);
        Assert.Contains("| **all** | ", output, StringComparison.Ordinal);

        var part = Result()["objects"]![0]!;
        Assert.Equal(
            ["all", "scale 0.5", "scale 1", "layer l4", "layer l8", "l4 at 0.5", "l8 at 0.5", "l4 at 1", "l8 at 1"],
            part["variants"]!.AsArray().Select(v => (string)v!["name"]!));
        var fused = part["variants"]![0]!["figures"]!;
        Assert.Equal(1, (double)fused["image_auroc_max"]!, 1e-9);
        Assert.InRange((double)fused["au_pro_0.3"]!, 0.7, 1);
        Assert.InRange((double)fused["seg_f1"]!, 0.05, 1);
        Assert.Equal(10, (await File.ReadAllLinesAsync(Path.Combine(Out, "results.csv"))).Length);
        Assert.Contains("part (8 train, 8 test)", await File.ReadAllTextAsync(Path.Combine(Out, "results.md")), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Out, "*.mrfbank", SearchOption.AllDirectories));

        var page = Path.Combine(Out, "report.html");
        Assert.DoesNotMatch(ExternalUrl(), await File.ReadAllTextAsync(page));
        var seen = await Browser.DumpAsync(page);
        foreach (var image in new[] { "part/test/good/003", "part/test/hole/000" })
        {
            Assert.Contains($"Picture of {image}\"", seen, StringComparison.Ordinal);
            Assert.Contains($"Map fused of {image}\"", seen, StringComparison.Ordinal);
            Assert.Contains($"Map ×0.5 of {image}\"", seen, StringComparison.Ordinal);
        }

        Assert.Equal(6, CurveElement().Count(seen)); // the PRO and ROC curves of two scales and the fused map
        Assert.Contains("4 of 4", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("KILL", 128 + 9)]
    [InlineData("TERM", 1)]
    public async Task A_run_that_was_stopped_goes_on_and_ends_with_the_figures_of_one_that_was_not(string signal, int exitCode)
    {
        var set = TestDataset.WriteMvtecAd(_folder.File("data"), good: 40, defective: 40);
        Assert.Equal(0, (await Evaluate(set)).Code);
        var whole = Figures();

        Directory.Delete(Out, recursive: true);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Directory.CreateDirectory(Out);
        using (var watcher = new FileSystemWatcher(Out, "*.maps") { IncludeSubdirectories = true, EnableRaisingEvents = true })
        {
            watcher.Renamed += (_, _) => first.TrySetResult();
            await using var run = AgentProcess.Start(Arguments(set));
            await first.Task.WaitAsync(TestTimeout.Value);
            await run.SignalAsync(signal);
            Assert.Equal(exitCode, await run.ExitAsync());
            Assert.Equal(signal == "TERM", run.Log.Contains("the same command goes on from here", StringComparison.Ordinal));
        }

        var done = Directory.GetFiles(Path.Combine(Out, "maps"), "*.maps", SearchOption.AllDirectories).Length;
        Assert.InRange(done, 1, 79);
        Assert.Equal(0, (await Evaluate(set)).Code);
        Assert.Equal(whole, Figures());
    }

    [Fact]
    public async Task A_folder_with_a_run_of_other_settings_is_refused_until_it_is_discarded()
    {
        var set = TestDataset.WriteMvtecAd(_folder.File("data"));
        Assert.Equal(0, (await Evaluate(set)).Code);
        var (code, _, errors) = await Evaluate(set, "--seed", "7");
        Assert.Equal(2, code);
        Assert.Contains("other settings or images", errors, StringComparison.Ordinal);
        Assert.Equal(0, (await Evaluate(set, "--seed", "7", "--restart")).Code);
    }

    [Fact]
    public async Task What_is_broken_or_missing_is_named_and_the_run_goes_on_and_ends_with_1()
    {
        var set = TestDataset.WriteMvtecAd(_folder.File("data"), good: 5, defective: 5);
        await File.WriteAllTextAsync(Path.Combine(set, "train/good/003.png"), "no picture");
        await File.WriteAllTextAsync(Path.Combine(set, "test/good/004.png"), "no picture");
        File.Delete(Path.Combine(set, "ground_truth/hole/000_mask.png"));
        await File.WriteAllTextAsync(Path.Combine(set, "ground_truth/hole/001_mask.png"), "no mask");
        TestPart.Write(Path.Combine(set, "ground_truth/hole/002_mask.png"), 255, width: 10, height: 10);

        var (code, output, errors) = await Evaluate(set);

        Assert.Equal(1, code);
        var part = Result()["objects"]![0]!;
        Assert.Equal(5, part["problems"]!.AsArray().Count);
        foreach (var name in new[] { "train/good/003.png", "test/good/004.png", "000_mask.png does not exist", "001_mask.png: the mask cannot be read", "002_mask.png: the mask is 10x10, its image 96x64" })
        {
            Assert.Contains(name, output, StringComparison.Ordinal);
        }

        Assert.Contains("5 things could not be read or judged", errors, StringComparison.Ordinal);

        Assert.Equal((7, 4, 5, 2), ((int)part["train"]!, (int)part["good"]!, (int)part["defective"]!, (int)part["with_mask"]!));
        Assert.Equal(1, (await Evaluate(set)).Code); // only the broken images are tried again
    }

    [Fact]
    public async Task Files_that_may_not_be_read_or_whose_links_lead_nowhere_cost_their_image_alone()
    {
        var set = TestDataset.WriteMvtecAd(_folder.File("data"), good: 5, defective: 5);
        UnreadableFile.Link(Path.Combine(set, "train/good/locked.png"));
        UnreadableFile.Link(Path.Combine(set, "test/good/locked.png"));
        File.CreateSymbolicLink(Path.Combine(set, "train/good/gone.png"), _folder.File("nowhere"));
        File.CreateSymbolicLink(Path.Combine(set, "test/good/gone.png"), _folder.File("nowhere"));
        File.Delete(Path.Combine(set, "ground_truth/hole/000_mask.png"));
        UnreadableFile.Link(Path.Combine(set, "ground_truth/hole/000_mask.png"));
        var name = new string('x', 251);
        File.Move(Path.Combine(set, "test/good/004.png"), Path.Combine(set, $"test/good/{name}.png"));

        var (code, output, errors) = await Evaluate(set);

        Assert.True(code == 1, errors);
        foreach (var problem in (string[])["train/good/locked.png: permission denied", "test/good/locked.png: permission denied", "train/good/gone.png", "test/good/gone.png", "000_mask.png: permission denied"])
            Assert.Contains(problem, output, StringComparison.Ordinal);
        var part = Result()["objects"]![0]!;
        Assert.Equal((8, 5, 5, 4), ((int)part["train"]!, (int)part["good"]!, (int)part["defective"]!, (int)part["with_mask"]!));
        Assert.Contains(part["images"]!.AsArray(), i => (string)i!["name"]! == $"part/test/good/{name}");
    }

    [Fact]
    public async Task Maps_for_the_benchmark_server_are_judged_the_same_when_read_back()
    {
        var set = TestDataset.WriteMvtecAd2(_folder.File("data"), "can");
        Assert.Equal(0, (await Evaluate(set, "--maps", _folder.File("upload"))).Code);
        Assert.Equal(
            ["test_private/000", "test_private/001", "test_private_mixed/000", "test_public/bad/000", "test_public/bad/001", "test_public/bad/002", "test_public/good/000", "test_public/good/001", "test_public/good/002"],
            Names("anomaly_images/can", ".tiff"));
        Assert.Equal(Names("anomaly_images/can", ".tiff"), Names("anomaly_images_thresholded/can", ".png"));
        var can = Result()["objects"]![0]!;
        Assert.All(can["variants"]!.AsArray(), v => Assert.True(v!["figures"]!.AsObject().ContainsKey("seg_f1"), "validation images give each variant its threshold"));

        var (code, output, errors) = await AgentProcess.RunAsync("evaluate", set, "--metrics-only", _folder.File("upload"), "--out", _folder.File("judged"), "--json");
        Assert.True(code == 0, errors);
        var judged = JsonNode.Parse(output)!["result"]!["objects"]![0]!["variants"]![0]!["figures"]!.AsObject();
        foreach (var (name, value) in judged)
            Assert.Equal((double)can["variants"]![0]!["figures"]![name]!, (double)value!, 0.01); // float16
        Assert.True(judged.Count >= 13, $"{judged.Count} figures");

        File.Delete(Path.Combine(_folder.File("upload"), "anomaly_images/can/test_public/bad/001.tiff"));
        (code, output, _) = await AgentProcess.RunAsync("evaluate", set, "--metrics-only", _folder.File("upload"), "--out", _folder.File("judged"));
        Assert.Equal(1, code);
        Assert.Contains("no map can/test_public/bad/001", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_map_of_another_program_that_float16_could_not_hold_is_named()
    {
        var set = TestDataset.WriteMvtecAd(_folder.File("data"));
        foreach (var image in Directory.GetFiles(Path.Combine(set, "test"), "*.png", SearchOption.AllDirectories))
        {
            var map = Path.ChangeExtension(Path.Combine(Out, "maps", Path.GetRelativePath(_folder.File("data"), image)), ".tiff");
            Directory.CreateDirectory(Path.GetDirectoryName(map)!);
            var scores = new float[TestDataset.Width * TestDataset.Height];
            scores[7] = image.Contains("hole/002", StringComparison.Ordinal) ? 70_000 : 7;
            await File.WriteAllBytesAsync(map, ScoreFile.EncodeTiff16(scores, TestDataset.Width, TestDataset.Height));
        }

        var (code, output, errors) = await AgentProcess.RunAsync("evaluate", set, "--metrics-only", Path.Combine(Out, "maps"), "--threshold", "5", "--out", Out, "--restart");
        Assert.True(code == 1, errors);
        Assert.Contains("hole/002.tiff: holds scores that are infinite", output, StringComparison.Ordinal);
        Assert.Contains("threshold given", await Browser.DumpAsync(Path.Combine(Out, "report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Maps_that_are_damaged_are_named_and_the_others_are_judged_and_written()
    {
        var set = TestDataset.WriteMvtecAd2(_folder.File("data"), "can");
        Assert.Equal(0, (await Evaluate(set, "--maps", _folder.File("upload"))).Code);
        Directory.Delete(_folder.File("upload"), recursive: true);
        foreach (var name in new[] { "test_public/bad/001", "test_private/000" })
            await File.WriteAllTextAsync(Path.Combine(Out, "maps/can", $"{name}.maps"), "no maps at all");

        var (code, output, errors) = await Evaluate(set, "--maps", _folder.File("upload"));

        Assert.True(code == 1, errors);
        Assert.Contains("2 things could not be read or judged", errors, StringComparison.Ordinal);
        Assert.Contains("test_private/000.png: has no map", output, StringComparison.Ordinal);
        Assert.Equal(7, Names("anomaly_images/can", ".tiff").Count());
        Assert.Equal(2, (int)Result()["objects"]![0]!["defective"]!);
    }

    [Fact]
    public async Task Two_runs_are_compared_figure_by_figure_and_image_by_image()
    {
        var set = TestDataset.WriteMvtecAd(_folder.File("data"));
        Assert.Equal(0, (await Evaluate(set)).Code);
        var (code, output, errors) = await AgentProcess.RunAsync(
            "evaluate", set, "--encoder", _encoder, "--method", "patchcore", "--out", _folder.File("patchcore"), "--against", Path.Combine(Out, "run.json"));
        Assert.True(code == 0, errors);
        Assert.Contains("part: patchcore now, mrf-ad before", output, StringComparison.Ordinal);
        Assert.Contains("| au_pro_0.05 | ", output, StringComparison.Ordinal);
        Assert.Matches(@"\d images better, \d worse, \d the same", output);
        Assert.Contains("patchcore now, mrf-ad before", await Browser.DumpAsync(_folder.File("patchcore/report.html")), StringComparison.Ordinal);
    }

    /// <summary>Each object has the map that its good images chose; a run that goes on has the same one.</summary>
    [Fact]
    public async Task The_map_is_chosen_for_each_object()
    {
        var set = TestDataset.WriteMvtecAd(_folder.File("data"));
        var (code, _, errors) = await Evaluate(set, "--choose", "--keep-banks");
        Assert.True(code == 0, errors);

        var part = Result()["objects"]![0]!;
        var chosen = (string)part["facts"]!.AsArray().Single(f => (string)f!["name"]! == "chosen")!["value"]!;
        Assert.Matches(@"^.+: image AUROC [01]\.\d+, AU-PRO_0\.05 [01]\.\d+, .+ \(\d+ painted defects, 8 good images, held out\)$", chosen);
        var bank = Assert.Single(Directory.GetFiles(Out, "*.mrfbank", SearchOption.AllDirectories));
        var (_, info, _) = await AgentProcess.RunAsync("bank", "info", bank, "--json");
        var description = JsonNode.Parse(info)!["description"]!;
        var choice = description["choice"]!;
        Assert.StartsWith($"{choice["tried"]![(int)choice["chosen"]!]!["name"]}: ", chosen, StringComparison.Ordinal);
        Assert.Equal(2 * 2 * (description["options"]!["shapes"]?.AsArray().Count ?? 1), part["maps"]!.AsArray().Count);
    }

    [Fact]
    public async Task Anomalydino_takes_one_layer_and_unit_length_features()
    {
        var set = TestDataset.WriteMvtecAd(_folder.File("data"));
        var (code, output, errors) = await AgentProcess.RunAsync("evaluate", set, "--encoder", _encoder, "--method", "anomalydino", "--out", Out, "--json");
        Assert.True(code == 0, errors);
        var result = JsonNode.Parse(output)!["result"]!;
        Assert.Equal("all", (string)Assert.Single(result["objects"]![0]!["variants"]!.AsArray())!["name"]!);
        Assert.All(result["objects"]![0]!["images"]!.AsArray(), i => Assert.InRange((double)i!["max"]!, 0, 2)); // distances of unit vectors are at most 2
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("empty")]
    [InlineData("data/part", "--objects", "cup")]
    [InlineData("data/part", "--method", "nonsense")]
    [InlineData("data/part", "--method", "patchcore", "--scales", "0.3,0.5")]
    [InlineData("data/part", "--pool", "2")]
    [InlineData("data/part", "--megapixels", "0")]
    [InlineData("data/part", "--megapixels", "nan")]
    [InlineData("data/part", "--choose", "--shape", "unit")]
    [InlineData("data/part", "--choose", "--plain")]
    [InlineData("data/part", "--choose", "--reduction", "coreset")]
    [InlineData("data/part", "--choose", "--method", "patchcore")]
    [InlineData("data/part", "--plain", "--level-maps")]
    [InlineData("data/part", "--plain", "--method", "anomalydino")]
    [InlineData("data/part", "--false-alarms", "0,5")]
    [InlineData("data/part", "--threshold", "2,75")]
    [InlineData("data/part", "--threshold", "nan")]
    [InlineData("data/part", "--threshold")]
    [InlineData("data/part", "--method", "hlgfa", "--l1", "0,5")]
    [InlineData("data/part", "--against", "nowhere.json")]
    [InlineData("data/part", "--metrics-only", "nowhere")]
    public async Task Bad_usage_ends_with_2_and_a_sentence(string data, params string[] arguments)
    {
        TestDataset.WriteMvtecAd(_folder.File("data"), train: 4, good: 1, defective: 1);
        Directory.CreateDirectory(_folder.File("empty"));
        var (code, _, errors) = await AgentProcess.RunAsync(["evaluate", _folder.File(data), "--encoder", _encoder, "--out", Out, .. arguments]);
        Assert.Equal(2, code);
        Assert.StartsWith("mrfad: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private string Out => _folder.File("out");

    private string[] Arguments(string set) => ["evaluate", set, "--encoder", _encoder, "--scales", "0.5,1", "--least-side", "16", "--out", Out];

    private Task<(int Code, string Output, string Errors)> Evaluate(string set, params string[] more) => AgentProcess.RunAsync([.. Arguments(set), .. more]);

    private JsonNode Result() => JsonNode.Parse(File.ReadAllText(Path.Combine(Out, "run.json")))!;

    /// <summary>Returns the results of a run without its durations.</summary>
    private string Figures()
    {
        var part = Result()["objects"]![0]!;
        return part["variants"]!.ToJsonString() + string.Join('\n', part["images"]!.AsArray().Select(i => $"{i!["name"]} {i["max"]} {i["rank"]} {i["au_pro"]}"));
    }

    private IEnumerable<string> Names(string below, string ending)
    {
        var folder = Path.Combine(_folder.File("upload"), below);
        return Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f =>
        {
            Assert.EndsWith(ending, f, StringComparison.Ordinal);
            return Path.ChangeExtension(Path.GetRelativePath(folder, f), null);
        });
    }

    [GeneratedRegex(@"(?<!xmlns=""|NS\(')https?://(?!www\.w3\.org/2000/svg)|@import|url\((?!#)|<script[^>]+src|<link[^>]+href=""(?!data:)")]
    private static partial Regex ExternalUrl();

    [GeneratedRegex("<polyline ")]
    private static partial Regex CurveElement();
}
