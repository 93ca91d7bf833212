using System.Text.Json;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Commands;

/// <summary>The commands as a user types them: exit codes, sentences, files.</summary>
public sealed class LearnAndInspectTests(LearnedStation learned) : IClassFixture<LearnedStation>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_good_part_ends_with_0_a_defective_one_with_3_and_each_has_an_overlay()
    {
        Part("good/1.png", defective: false);
        Part("bad/1.png", defective: true);
        var (code, output, _) = await Inspect(_folder.File("good"), "--out", _folder.File("ov"));
        Assert.Equal(0, code);
        Assert.StartsWith("OK", output, StringComparison.Ordinal);

        (code, output, _) = await Inspect(_folder.File("good"), _folder.File("bad"), "--out", _folder.File("ov2"));
        Assert.Equal(3, code);
        Assert.Contains("NG", output, StringComparison.Ordinal);
        Assert.Equal(["bad-1.overlay.png", "good-1.overlay.png"], Directory.GetFiles(_folder.File("ov2")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Json_gives_one_object_a_line_with_the_regions()
    {
        Part("bad.png", defective: true);
        var (_, output, _) = await Inspect(_folder.File("bad.png"), "--json");
        using var verdict = JsonDocument.Parse(Assert.Single(output.Trim().Split('\n')));
        Assert.Equal("NG", verdict.RootElement.GetProperty("verdict").GetString());
        var region = verdict.RootElement.GetProperty("regions")[0];
        Assert.InRange(region.GetProperty("x_px").GetInt32() + (region.GetProperty("width_px").GetInt32() / 2), 25, 55); // the square is at 30…50
    }

    [Fact]
    public async Task An_unreadable_image_is_named_and_the_others_are_judged()
    {
        Part("good.png", defective: false);
        await File.WriteAllTextAsync(_folder.File("torn.png"), "not a picture");
        var (code, output, errors) = await Inspect(_folder.File("torn.png"), _folder.File("good.png"));
        Assert.Equal(1, code);
        Assert.Contains("torn.png", errors, StringComparison.Ordinal);
        Assert.Contains("good.png", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("learn")]
    [InlineData("learn", "nowhere")]
    [InlineData("learn", ".", "--scales", "0,1")]
    [InlineData("learn", ".", "--rows", "12")]
    [InlineData("inspect", "nowhere.png", "--bank", "nowhere.mrfbank")]
    [InlineData("inspect", "x.png")]
    [InlineData("bank", "info", "nowhere.mrfbank")]
    [InlineData("nonsense")]
    public async Task Bad_usage_ends_with_2_and_a_sentence(params string[] arguments)
    {
        var (code, _, errors) = await AgentProcess.RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.StartsWith("mrfad: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bank_that_cannot_be_written_is_said_before_the_work_and_leaves_nothing()
    {
        for (var i = 0; i < 5; i++)
            Part($"good/{i}.png", defective: false);
        var (code, _, errors) = await AgentProcess.RunAsync("learn", _folder.File("good"), "--encoder", learned.Encoder, "--out", "/proc/x.mrfbank");
        Assert.Equal(1, code);
        Assert.Contains("cannot be written to /proc", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Info_tells_what_a_bank_is_made_of()
    {
        var (code, output, _) = await AgentProcess.RunAsync("bank", "info", learned.Bank, "--json");
        Assert.Equal(0, code);
        using var info = JsonDocument.Parse(output);
        Assert.Equal(["l4.0.5", "l8.0.5", "l4.1", "l8.1"], info.RootElement.GetProperty("branches").EnumerateArray().Select(b => b.GetProperty("name").GetString()));
        Assert.Equal(12, info.RootElement.GetProperty("description").GetProperty("images").GetInt32());
    }

    private Task<(int Code, string Output, string Errors)> Inspect(params string[] arguments) =>
        AgentProcess.RunAsync(["inspect", .. arguments, "--bank", learned.Bank, "--encoder", learned.Encoder]);

    private void Part(string name, bool defective)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        LearnedStation.WritePart(_folder.File(name), seed: 100, defective);
    }
}
