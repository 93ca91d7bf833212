using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using MrfAd.Cli.Commands;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Docs;

public sealed partial class CommandLineTests
{
    private static readonly RootCommand Product = ProductCommand.Create(TimeProvider.System);

    // Commands of the script ./mrfad itself.
    private static readonly string[] OfScript = [.. ScriptWord().Matches(File.ReadAllText(Path.Combine(Repository.Root, "mrfad"))).Select(word => word.Groups[1].Value)];

    [Fact]
    public void Every_command_line_of_a_guide_is_one_that_the_product_takes()
    {
        Faults.AssertNone(
            from page in MarkdownPage.Guides
            from block in page.Blocks
            where block.Language == "bash"
            from line in block.Text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
            let arguments = Arguments(line)
            where arguments is not null && !OfScript.Contains(arguments.FirstOrDefault())
            from fault in FaultsIn(arguments, isWhole: true)
            select $"{page.Name}:{block.Line} {line.Trim()}: {fault}");
    }

    [Fact]
    public void Every_command_that_a_guide_names_exists_with_its_options()
    {
        Faults.AssertNone(
            from page in MarkdownPage.Guides
            from code in page.Code
            where Named().IsMatch(code)
            let arguments = Arguments(code)
            where arguments is not null && !OfScript.Contains(arguments.FirstOrDefault())
            from fault in FaultsIn(arguments, isWhole: false)
            select $"{page.Name}: {code}: {fault}");
    }

    /// <param name="isWhole">False if required options and arguments may be missing.</param>
    private static IEnumerable<string> FaultsIn(string[] arguments, bool isWhole)
    {
        var parsed = Product.Parse(arguments);
        // An argument with several values would accept an unknown option as a value.
        var options = parsed.Tokens.Where(token => token.Type == TokenType.Option).Select(token => token.Value).ToHashSet();
        return [
            .. isWhole ? parsed.Errors.Select(error => error.Message) : [],
            .. parsed.UnmatchedTokens.Select(token => $"'{token}' is nothing that the command takes"),
            .. arguments.Where(a => a.StartsWith('-') && a.Length > 1 && !options.Contains(a)).Select(a => $"there is no option {a}"),
        ];
    }

    /// <returns>The arguments after the program's name, up to a comment, a pipe or a redirection; null if the line does not call it.</returns>
    private static string[]? Arguments(string line)
    {
        var match = Call().Match(line);
        return match.Success ? [.. CommandLineParser.SplitCommandLine(End().Replace(line[(match.Index + match.Length)..], ""))] : null;
    }

    [GeneratedRegex(@"(?:^mrfad|(?:^|\s)(?:\./mrfad|/usr/lib/mrfad/agent/mrfad(?:\.dll)?))(?=\s|$)")]
    private static partial Regex Call();

    [GeneratedRegex(@"^(?:\./)?mrfad [a-z-]")]
    private static partial Regex Named();

    [GeneratedRegex(@"(\s#|\s[|&>]|\s…$).*$")]
    private static partial Regex End();

    [GeneratedRegex(@"^    ([a-z]+)\)", RegexOptions.Multiline)]
    private static partial Regex ScriptWord();
}
