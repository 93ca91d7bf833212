using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Docs;

/// <summary>Runs the commands of the guides as a reader does: page by page, one after the other, in a folder with what the page takes for granted.</summary>
public sealed partial class GuideTests(Preparation preparation, ITestOutputHelper output) : IClassFixture<Preparation>
{
    public static TheoryData<string> Pages => [.. GuideCommand.All.Select(command => command.Page).Distinct()];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_command_of_a_guide_works_as_it_is_written(string page)
    {
        await using var place = await Preparation.BeginAsync(page);
        var section = "";
        foreach (var block in MarkdownPage.Get(page).Blocks)
        {
            if (block.Info == "json station")
                place.WriteStation(block.Text);
            if (block.Language != "bash")
                continue;
            if (section != block.Heading)
                await preparation.BeforeAsync(place, page, section = block.Heading);
            foreach (var command in GuideCommand.In(MarkdownPage.Get(page), block))
                output.WriteLine($"{page}:{command.Line,-4} {command.Text}\n    {await TryAsync(place, command)}");
        }

        await place.StopAsync();
    }

    [Fact]
    public void Every_entry_of_the_tables_is_about_a_command_of_a_guide()
    {
        var lines = GuideCommand.All.Select(command => command.Text).ToList();

        IEnumerable<string> patterns = [.. SkippedCommand.All.Select(skipped => skipped.Pattern), .. Substitution.All.Select(s => s.Pattern), .. ExpectedResult.All.Select(e => e.Pattern), .. LastingCommand.All.Select(l => l.Pattern)];
        Assert.All(patterns, pattern => Assert.Contains(lines, line => Regex.IsMatch(line, pattern)));
    }

    /// <returns>One word for how the command was treated.</returns>
    private static async Task<string> TryAsync(Workplace place, GuideCommand command)
    {
        if (SkippedCommand.All.FirstOrDefault(skipped => Regex.IsMatch(command.Text, skipped.Pattern)) is { } skipped)
        {
            await AssertParsedAsync(command);
            return $"parsed only: {skipped.Reason}";
        }

        if (!command.Program.StartsWith("./", StringComparison.Ordinal) && !await SucceedsAsync($"command -v {command.Program}"))
            return $"skipped: {command.Program} is not installed";
        if (command.Text.Contains("check --cameras", StringComparison.Ordinal) && !FakeGigECamera.IsInstalled)
            return "skipped: there is no camera (apt-get install aravis-tools)";
        var line = Substitution.Apply(command.Text, place);
        if (LastingCommand.Find(line) is { } lasting)
            await place.StartAsync(line, lasting);
        else
            AssertExpected(place, command, line, await place.RunAsync(line));
        return line == command.Text ? "run" : $"run as: {line}";
    }

    private static void AssertExpected(Workplace place, GuideCommand command, string line, (int ExitCode, string Printed) result)
    {
        var expected = ExpectedResult.All.Where(e => Regex.IsMatch(line, e.Pattern)).ToList();
        var codes = expected.SelectMany(e => e.ExitCodes ?? []).DefaultIfEmpty(0).ToHashSet();
        Assert.True(codes.Contains(result.ExitCode), $"'{line}' ended with {result.ExitCode}, want {string.Join(" or ", codes)}:\n{result.Printed}");
        foreach (var rule in expected)
        {
            Assert.True(Regex.IsMatch(result.Printed, rule.Output), $"'{line}' printed nothing like '{rule.Output}':\n{result.Printed}");
            Assert.All(rule.Files, file => Assert.True(IsThere(place, file), $"'{line}' left no {file}"));
            if (rule.Schema is not null)
                AssertMessage(command, rule.Schema, place.LastOutput);
        }
    }

    /// <summary>The message fits its schema, and has the members of the one that the section shows, if it shows one.</summary>
    private static void AssertMessage(GuideCommand command, string schema, string message)
    {
        Assert.True(message.StartsWith('{'), $"'{command.Text}' printed no message '{schema}': {message}");
        Assert.Empty(JsonSchemaValidator.ForMessage(schema).Errors(message));
        foreach (var shown in MarkdownPage.Get(command.Page).Blocks.Where(block => block.Heading == command.Heading && block.Info == $"json message {schema}"))
            Assert.Equal(Members(JsonNode.Parse(shown.Text)), Members(JsonNode.Parse(message)));
    }

    /// <returns>The paths of all members with their kinds; null has no kind.</returns>
    private static IEnumerable<string> Members(JsonNode? node, string path = "") => node switch
    {
        JsonObject members => members.SelectMany(member => Members(member.Value, $"{path}.{member.Key}")).Order(),
        _ => [$"{path}: {node?.GetValueKind()}"],
    };

    private static bool IsThere(Workplace place, string file) =>
        Path.GetDirectoryName(place.At(file))! is var folder && Directory.Exists(folder) && Directory.EnumerateFiles(folder, Path.GetFileName(file)).Any();

    /// <summary>The shell takes the line, and the files of the checkout that it names are there. CommandLineTests reads those of mrfad itself.</summary>
    private static async Task AssertParsedAsync(GuideCommand command)
    {
        Assert.True(await SucceedsAsync("bash -n", command.Text), $"{command.Page}:{command.Line} is no command of a shell");
        foreach (Match path in CheckoutPath().Matches(command.Text))
            Assert.True(Path.Exists(Path.Combine(Repository.Root, path.Value)), $"{command.Page}:{command.Line} names {path.Value}, which is not there");
    }

    private static async Task<bool> SucceedsAsync(string line, string input = "")
    {
        await using var command = ShellCommand.Start(line, Repository.Root, new Dictionary<string, string>(), input);
        return await command.ExitAsync() == 0;
    }

    [GeneratedRegex(@"(?<=\s|^)(?:agent|engine|tests|systemd|devices|examples)/[\w./-]+|[\w.-]+\.sln\b|build-jetson\.sh")]
    private static partial Regex CheckoutPath();
}
