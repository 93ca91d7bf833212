using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Commands;

/// <summary>Small image files that claim gigabytes, on the command line: each is named with its reason and costs little memory.</summary>
public sealed class ImageBombCommandTests(LearnedStation learned) : IClassFixture<LearnedStation>, IDisposable
{
    // Beyond the same command without bombs.
    private const long MaxMemory = 200_000_000;

    private static readonly string[] Formats = ["png", "png-interlaced", "png-texts", "jpeg-progressive", "tiff", "tiff-tile", "bmp-rle", "webp"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Inspect_names_each_bomb_and_judges_the_rest()
    {
        Write("parts");
        var (_, rest) = await Run("inspect", _folder.File("parts"), "--bank", learned.Bank, "--encoder", learned.Encoder);
        Bombs("parts");
        await using var agent = AgentProcess.Start(["inspect", _folder.File("parts"), "--bank", learned.Bank, "--encoder", learned.Encoder]);
        var (code, peak) = await agent.PeakUntilExitAsync();

        Assert.True(code == 1, agent.Log);
        Assert.Equal(8, agent.Output.Split('\n').Count(line => line.StartsWith("OK", StringComparison.Ordinal)));
        Assert.All(Formats, name => Assert.Contains(name.StartsWith("png-texts", StringComparison.Ordinal) ? "got 16x16" : $"{name}.png: ", agent.Log, StringComparison.Ordinal));
        Assert.Contains("want at most 1 megapixels, got 225 ('parts' learned images of 96×64 pixels)", agent.Log, StringComparison.Ordinal);
        Less(peak, rest);
    }

    [Fact]
    public async Task Learn_leaves_bombs_out_or_names_them_all()
    {
        Write("good");
        string[] arguments = ["learn", _folder.File("good"), "--encoder", learned.Encoder, "--out", _folder.File("x.mrfbank"), "--scales", "1", "--least-side", "32"];
        var (_, rest) = await Run(arguments);
        Bombs("good");
        // A picture of another size is another error.
        File.Delete(_folder.File("good/png-texts.png"));

        await using var refused = AgentProcess.Start(arguments);
        var (code, peak) = await refused.PeakUntilExitAsync();
        Assert.True(code == 1, refused.Output);
        Assert.All(Formats.Where(f => f != "png-texts"), name => Assert.Contains($"{name}.png: ", refused.Log, StringComparison.Ordinal));
        Less(peak, rest);

        await using var skipping = AgentProcess.Start([.. arguments, "--skip-unreadable"]);
        (code, peak) = await skipping.PeakUntilExitAsync();
        Assert.True(code == 0, skipping.Log);
        Less(peak, rest);
    }

    [Fact]
    public async Task Evaluate_names_images_and_masks_that_are_bombs()
    {
        var set = TestDataset.WriteMvtecAd(_folder.File("data"), defective: Formats.Length + 4);
        string[] arguments = ["evaluate", set, "--encoder", learned.Encoder, "--scales", "1", "--least-side", "32", "--pictures", "20"];
        var (_, rest) = await Run([.. arguments, "--out", _folder.File("without")]);
        foreach (var (i, name) in Formats.Index())
            await File.WriteAllBytesAsync(Path.Combine(set, $"ground_truth/hole/{i:000}_mask.png"), ImageBombs.Make(name), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(set, "test/good/bomb.png"), ImageBombs.Make("png"), TestContext.Current.CancellationToken);

        await using var agent = AgentProcess.Start([.. arguments, "--out", _folder.File("with")]);
        var (code, peak) = await agent.PeakUntilExitAsync();

        Assert.True(code == 1, agent.Log);
        var results = await File.ReadAllTextAsync(_folder.File("with/run.json"), TestContext.Current.CancellationToken);
        Assert.All(Formats.Index(), f => Assert.Contains($"{f.Index:000}_mask.png: the mask ", results, StringComparison.Ordinal));
        Assert.Contains("bomb.png: PNG of 15000", results, StringComparison.Ordinal);
        Less(peak, rest);
    }

    [Fact]
    public async Task The_environment_sets_the_limits_of_commands()
    {
        Write("parts");
        string[] arguments = ["inspect", _folder.File("parts"), "--bank", learned.Bank, "--encoder", learned.Encoder];
        await using var agent = AgentProcess.Start(arguments, new Dictionary<string, string> { ["MRFAD__IMAGES__MAX_MEGAPIXELS"] = "0.006" });
        Assert.Equal(1, await agent.ExitAsync());
        Assert.Contains("want at most 0.006 megapixels, got 0.006144 (MRFAD__IMAGES__MAX_MEGAPIXELS)", agent.Log, StringComparison.Ordinal);

        await using var wrong = AgentProcess.Start(arguments, new Dictionary<string, string> { ["MRFAD__IMAGES__MAX_MB"] = "much" });
        Assert.Equal(2, await wrong.ExitAsync());
        Assert.Contains("MRFAD__IMAGES__MAX_MB: want a number above 0, got 'much'", wrong.Log, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, long PeakMemory)> Run(params string[] arguments)
    {
        await using var agent = AgentProcess.Start(arguments);
        var (code, peak) = await agent.PeakUntilExitAsync();
        Assert.True(code == 0, agent.Log);
        return (code, peak);
    }

    private void Write(string folder)
    {
        Directory.CreateDirectory(_folder.File(folder));
        for (var i = 0; i < 8; i++)
            LearnedStation.WritePart(_folder.File($"{folder}/{i:00}.png"), seed: i);
    }

    private void Bombs(string folder)
    {
        foreach (var name in Formats)
            File.WriteAllBytes(_folder.File($"{folder}/{name}.png"), ImageBombs.Make(name));
    }

    private static void Less(long peak, long rest)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"{peak / 1e6:0} MB, without bombs {rest / 1e6:0} MB");
        Assert.True(peak - rest < MaxMemory, $"{peak / 1e6:0} MB, without bombs {rest / 1e6:0} MB");
    }
}
