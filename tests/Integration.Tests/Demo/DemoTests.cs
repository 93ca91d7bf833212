using System.Diagnostics;
using System.Text.RegularExpressions;
using MrfAd.Cli.Demo.Line;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Demo;

/// <summary><c>mrfad demo</c> on the command line, with its own broker or a real mosquitto; small parts and a small network keep it fast.</summary>
public sealed partial class DemoTests : IDisposable
{
    private const string Mark = "DEMO_OF_THE_TEST";
    private const int Sigint = 2;
    private const int Sigkill = 9;

    private static TimeSpan Timeout => TestTimeout.Value * 3;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_demo_ends_with_a_verdict_for_each_part_and_a_page_that_shows_them_and_loads_nothing_from_elsewhere()
    {
        using var demo = Start();
        var output = await demo.StandardOutput.ReadToEndAsync().WaitAsync(Timeout);
        var errors = await demo.StandardError.ReadToEndAsync().WaitAsync(Timeout);
        await demo.WaitForExitAsync().WaitAsync(Timeout);

        Assert.True(demo.ExitCode == 0, output + errors);
        Assert.Empty(ProcessesOfTheDemo());
        string[] parts = ["good/000", "good/001", .. Defect.Kinds.Keys.Select(kind => $"{kind}/000")];
        var verdicts = await File.ReadAllLinesAsync(Path.Combine(Out, "verdicts.jsonl"));
        Assert.Equal(parts.Length, verdicts.Length);
        Assert.All(parts, part => Assert.Contains(part, output, StringComparison.Ordinal));
        Assert.Matches("trigger to verdict: p50 [0-9]+, p99 [0-9]+, maximum [0-9]+ ms, [0-9] of 9 above [0-9]+ ms", output);

        var page = Path.Combine(Out, "index.html");
        Assert.DoesNotMatch(ExternalUrl(), await File.ReadAllTextAsync(page));
        var seen = await Browser.DumpAsync(page);
        Assert.All(parts, part => Assert.Contains($"Heatmap of {part}\"", seen, StringComparison.Ordinal));
        Assert.Matches(@"<h1[^>]*>9 parts judged over MQTT</h1>", seen);
        Assert.All(PictureUrl().Matches(seen).Select(m => m.Groups[1].Value).Distinct(), url => Assert.True(File.Exists(Path.Combine(Out, url)), url));
        Assert.Equal(2 * parts.Length, PictureUrl().Count(seen));
    }

    [Theory]
    [InlineData(Sigint, 0)]
    [InlineData(Sigkill, 128 + Sigkill)]
    public async Task Broker_and_agent_of_a_demo_never_outlive_it(int signal, int exitCode)
    {
        using var demo = Start("--keep");
        while (await demo.StandardOutput.ReadLineAsync().WaitAsync(Timeout) is not "Ctrl-C ends both" and var line)
            Assert.NotNull(line);
        var children = ProcessesOfTheDemo().Where(p => p.Id != demo.Id).ToList();
        Assert.Equal(["mrfad broker", "mrfad run"], children.Select(c => c.Name).Order());

        using var kill = Process.Start("kill", [$"-{signal}", $"{demo.Id}"]);
        await demo.WaitForExitAsync().WaitAsync(Timeout);

        Assert.Equal(exitCode, demo.ExitCode);
        foreach (var child in children)
            await Ended(child.Id).WaitAsync(Timeout);
    }

    [Fact]
    public async Task A_demo_on_a_broker_that_is_there_already_starts_none()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        using var demo = Start("--broker", $"127.0.0.1:{broker.Port}", "--keep");
        while (await demo.StandardOutput.ReadLineAsync().WaitAsync(Timeout) is not "Ctrl-C ends the agent" and var line)
            Assert.NotNull(line);

        Assert.Equal(["mrfad run"], ProcessesOfTheDemo().Where(p => p.Id != demo.Id).Select(p => p.Name));

        using var interrupt = Process.Start("kill", [$"-{Sigint}", $"{demo.Id}"]);
        await demo.WaitForExitAsync().WaitAsync(Timeout);
        Assert.Equal(0, demo.ExitCode);
        Assert.Equal(9, (await File.ReadAllLinesAsync(Path.Combine(Out, "verdicts.jsonl"))).Length);
    }

    [Fact]
    public async Task An_encoder_that_is_not_there_is_named_before_anything_is_started()
    {
        using var demo = Start("--encoder", _folder.File("absent.onnx"));
        var errors = await demo.StandardError.ReadToEndAsync().WaitAsync(Timeout);
        await demo.WaitForExitAsync().WaitAsync(Timeout);

        Assert.NotEqual(0, demo.ExitCode);
        Assert.Contains("absent.onnx", errors, StringComparison.Ordinal);
        Assert.Empty(ProcessesOfTheDemo());
    }

    private string Out => _folder.File("out");

    private Process Start(params string[] arguments)
    {
        var full = _folder.File("full");
        new PartLine(Train: 6, Good: 2, OfEachKind: 1, Seed: 1).Write(full, () => { }, CancellationToken.None);
        foreach (var file in Directory.EnumerateFiles(full, "*.png", SearchOption.AllDirectories))
            Shrink(file, Path.Combine(_folder.File("dataset"), Path.GetRelativePath(full, file)));
        var agent = Path.Combine(AppContext.BaseDirectory, "mrfad.dll");
        string[] encoder = arguments.Contains("--encoder") ? [] : ["--encoder", TinyEncoder.Write(_folder.Path)];
        return Process.Start(new ProcessStartInfo("dotnet", [agent, "demo", "--dataset", _folder.File("dataset"), "--out", Out, .. encoder, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // A setting for a station of the user's own is none for the demo's.
            Environment = { [Mark] = Out, ["MRFAD__MQTT__PORT"] = "1" },
        })!;
    }

    private static void Shrink(string from, string to)
    {
        using var image = ImageCodec.Read(from);
        using var small = ImageResize.Resize(image, 128, 128);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.WriteAllBytes(to, ImageCodec.Encode(small, ImageFormat.Png));
    }

    // The demo and all processes that it has started, which inherit its environment.
    private List<(int Id, string Name)> ProcessesOfTheDemo() =>
    [
        .. from folder in Directory.EnumerateDirectories("/proc")
           where int.TryParse(Path.GetFileName(folder), out _)
           where Words(folder, "environ").Contains($"{Mark}={Out}")
           let words = Words(folder, "cmdline")
           select (int.Parse(Path.GetFileName(folder), null), words.Contains("run") ? "mrfad run" : words.Contains("broker") ? "mrfad broker" : words[0]),
    ];

    private static string[] Words(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file)).Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static async Task Ended(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            await process.WaitForExitAsync();
        }
        catch (ArgumentException)
        {
            // The process has ended meanwhile.
        }
    }

    // The namespace of SVG is a name, not an address that is loaded.
    [GeneratedRegex(@"(?<!xmlns=""|NS\(')https?://(?!www\.w3\.org/2000/svg)|@import|url\((?!#)|<script[^>]+src|<link[^>]+href=""(?!data:)")]
    private static partial Regex ExternalUrl();

    [GeneratedRegex(@"src=""(pictures/[^""]+)""")]
    private static partial Regex PictureUrl();
}
