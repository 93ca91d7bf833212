using System.Text.Json;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Commands;

/// <summary>The commands on the command line: exit codes, error texts, files.</summary>
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

    [Fact]
    public async Task An_image_that_may_not_be_read_is_named_and_the_others_are_judged()
    {
        Part("good.png", defective: false);
        var locked = UnreadableFile.Link(_folder.File("locked.png"));
        var (code, output, errors) = await Inspect(locked, _folder.File("good.png"));
        Assert.Equal(1, code);
        Assert.Contains($"mrfad: {locked}: permission denied", errors, StringComparison.Ordinal);
        Assert.Contains("good.png", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_whose_name_is_not_UTF_8_and_one_whose_overlay_cannot_be_written_are_named_and_the_others_have_theirs()
    {
        foreach (var name in (string[])["a", "b", "c", "d\ne", "..f"])
            Part($"parts/{name}.png", defective: false);
        using var file = new NonUtf8File(_folder.File("parts/a.png"), _folder.File("parts"));
        Directory.CreateDirectory(_folder.File("ov/b.overlay.png"));

        var (code, output, errors) = await Inspect(_folder.File("parts"), _folder.File("parts/..f.png"), "--out", _folder.File("ov"));

        Assert.Equal(1, code);
        Assert.Contains("Pr\uFFFDfteil.png", errors, StringComparison.Ordinal);
        Assert.Contains("b.overlay.png", errors, StringComparison.Ordinal);
        Assert.Equal(2, errors.Split("mrfad: ").Length - 1);
        Assert.Contains("c.png", output, StringComparison.Ordinal);
        Assert.Equal(["..f.overlay.png", "c.overlay.png", "d\ne.overlay.png"], Directory.GetFiles(_folder.File("ov")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_folder_that_may_not_be_listed_is_named_or_left_out_where_that_is_asked_for()
    {
        for (var i = 0; i < 5; i++)
            Part($"good/{i}.png", defective: false);
        Part("good/locked/5.png", defective: false);
        using var locked = new LockedFolder(_folder.File("good/locked"));
        string[] learn = ["learn", _folder.File("good"), "--encoder", learned.Encoder, "--scales", "1", "--least-side", "8", "--out", _folder.File("x.mrfbank")];

        var (code, output, errors) = await AgentProcess.RunAsync(learn);
        Assert.Equal(1, code);
        Assert.Contains($"{_folder.File("good/locked")}: permission denied", errors, StringComparison.Ordinal);

        (code, output, _) = await AgentProcess.RunAsync([.. learn, "--skip-unreadable"]);
        Assert.Equal(0, code);
        Assert.Contains($"left out: {_folder.File("good/locked")}: permission denied", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("learn")]
    [InlineData("learn", "nowhere")]
    [InlineData("learn", ".", "--scales", "0,1")]
    [InlineData("learn", ".", "--rows", "12")]
    [InlineData("learn", ".", "--folds", "x")]
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
        Assert.DoesNotContain("System.", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    public async Task A_threshold_that_is_no_number_judges_nothing(string threshold)
    {
        Part("part.png", defective: true);
        var (code, _, errors) = await Inspect(_folder.File("part.png"), "--threshold", threshold);
        Assert.Equal(2, code);
        Assert.Contains($"--threshold: want a number such as 0.5, got '{threshold}'", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_default_mask_model_that_cannot_be_fetched_is_reported_with_the_other_ways_to_get_it()
    {
        Part("good.png", defective: false);
        await using var learn = AgentProcess.Start(
            ["learn", _folder.Path, "--encoder", learned.Encoder, "--background", "--out", _folder.File("own.mrfbank")],
            new Dictionary<string, string> { ["MRFAD_CACHE"] = _folder.File("cache"), ["HTTPS_PROXY"] = $"http://127.0.0.1:{FreePort.Next()}" });

        Assert.Equal(1, await learn.ExitAsync());
        Assert.Contains("fetching U²-Net-p", learn.Log, StringComparison.Ordinal);
        Assert.Contains($"mrfad model fetch u2netp; then put its file into {_folder.File("cache/encoders")}, or name another mask model", learn.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", learn.Log, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("own.mrfbank")));
    }

    [Fact]
    public async Task A_map_is_chosen_by_painted_defects_and_the_bank_says_which()
    {
        for (var i = 0; i < 8; i++)
            Part($"good/{i}.png", defective: false, seed: i);
        var bank = _folder.File("chosen.mrfbank");
        var (code, output, errors) = await AgentProcess.RunAsync("learn", _folder.File("good"), "--encoder", learned.Encoder, "--scales", "0.5,1", "--least-side", "16", "--choose", "--out", bank);
        Assert.True(code == 0, errors);
        var table = output[output.IndexOf("chosen: ", StringComparison.Ordinal)..output.IndexOf("threshold ", StringComparison.Ordinal)];
        Assert.Equal(1 + 1 + 8, table.Trim().Split('\n').Length); // the sentence, the header, and the candidates
        Assert.Single(table.Split('\n'), line => line.StartsWith("* ", StringComparison.Ordinal));

        (code, output, _) = await AgentProcess.RunAsync("bank", "info", bank);
        Assert.Equal(0, code);
        Assert.Contains(table.Trim(), output, StringComparison.Ordinal);
        (code, _, errors) = await AgentProcess.RunAsync("inspect", _folder.File("good"), "--bank", bank, "--encoder", learned.Encoder);
        Assert.True(code is 0 or 3, errors);
        (code, _, errors) = await AgentProcess.RunAsync("learn", _folder.File("good"), "--encoder", learned.Encoder, "--choose", "--budget", "1MB", "--out", _folder.File("none.mrfbank"));
        Assert.Equal(1, code);
        Assert.Contains("cannot be chosen together with a coreset, a budget or shards", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bank_that_cannot_be_written_is_reported_before_the_work_and_leaves_nothing()
    {
        for (var i = 0; i < 5; i++)
            Part($"good/{i}.png", defective: false);
        var (code, _, errors) = await AgentProcess.RunAsync("learn", _folder.File("good"), "--encoder", learned.Encoder, "--out", "/proc/x.mrfbank");
        Assert.Equal(1, code);
        Assert.Contains("cannot be written to /proc", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_false_alarm_added_to_the_bank_is_good_from_then_on_until_it_is_taken_out()
    {
        Part("odd.png", defective: true);
        var (added, removed) = (_folder.File("added.mrfbank"), _folder.File("removed.mrfbank"));
        var (code, output, _) = await AgentProcess.RunAsync("bank", "append", learned.Bank, _folder.File("odd.png"), "--encoder", learned.Encoder, "--out", added);
        Assert.Equal(0, code);
        Assert.Contains("version 2", output, StringComparison.Ordinal);
        (code, _, _) = await AgentProcess.RunAsync("inspect", _folder.File("odd.png"), "--bank", added, "--encoder", learned.Encoder);
        Assert.Equal(0, code);

        (_, output, _) = await AgentProcess.RunAsync("bank", "info", added, "--images");
        Assert.Contains("odd.png", output, StringComparison.Ordinal);
        (code, _, _) = await AgentProcess.RunAsync("bank", "remove", added, "odd.png", "--out", removed);
        Assert.Equal(0, code);
        (code, _, _) = await AgentProcess.RunAsync("inspect", _folder.File("odd.png"), "--bank", removed, "--encoder", learned.Encoder);
        Assert.Equal(3, code);

        string errors;
        (code, _, errors) = await AgentProcess.RunAsync("bank", "remove", added, "nobody.png");
        Assert.Equal(1, code);
        Assert.Contains("nobody.png", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_explanation_names_the_nearest_good_image_and_draws_both()
    {
        Part("bad.png", defective: true);
        for (var i = 0; i < 5; i++)
            Part($"good/{i}.png", defective: false);
        var bank = _folder.File("own.mrfbank");
        var (code, output, _) = await AgentProcess.RunAsync("learn", _folder.File("good"), "--encoder", learned.Encoder, "--scales", "1", "--least-side", "8", "--budget", "1MB", "--reduction", "coreset", "--out", bank);
        Assert.Equal(0, code);
        Assert.Contains("rows kept (coreset)", output, StringComparison.Ordinal);
        Assert.InRange(new FileInfo(bank).Length, 1, 1_000_000);
        (_, output, _) = await AgentProcess.RunAsync(
            "inspect", _folder.File("bad.png"), "--bank", bank, "--encoder", learned.Encoder, "--threshold", "0.1", "--explain", "--good", _folder.File("good"), "--out", _folder.File("ov"));
        Assert.Matches(@"hot spot at \(\d+, \d+\)", output);
        Assert.Matches(@"l[48]\.1: distance [\d.]+, [0-4]\.png at \(\d+, \d+\)", output);
        using var picture = ImageCodec.Read(_folder.File("ov/bad.explain.png"));
        Assert.True(picture.Width > 700 && picture.Height > 200);
    }

    [Theory]
    [InlineData("12")]
    [InlineData("much")]
    [InlineData("-3MB")]
    public async Task A_budget_that_is_no_size_is_bad_usage(string size)
    {
        Part("good/1.png", defective: false);
        var (code, _, errors) = await AgentProcess.RunAsync("learn", _folder.File("good"), "--encoder", learned.Encoder, "--budget", size);
        Assert.Equal(2, code);
        Assert.Contains("want a size such as 512MB", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Info_shows_what_a_bank_is_made_of()
    {
        var (code, output, _) = await AgentProcess.RunAsync("bank", "info", learned.Bank, "--json");
        Assert.Equal(0, code);
        using var info = JsonDocument.Parse(output);
        Assert.Equal(["l4.0.5", "l8.0.5", "l4.1", "l8.1"], info.RootElement.GetProperty("branches").EnumerateArray().Select(b => b.GetProperty("name").GetString()));
        Assert.Equal(12, info.RootElement.GetProperty("description").GetProperty("images").GetInt32());
    }

    private Task<(int Code, string Output, string Errors)> Inspect(params string[] arguments) =>
        AgentProcess.RunAsync(["inspect", .. arguments, "--bank", learned.Bank, "--encoder", learned.Encoder]);

    private void Part(string name, bool defective, int seed = 100)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        LearnedStation.WritePart(_folder.File(name), seed, defective);
    }
}
