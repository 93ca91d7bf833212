using System.CommandLine;
using MrfAd.Cli.Commands;

namespace MrfAd.Cli.Tests.Commands;

public sealed class ManualPageTests
{
    private static readonly RootCommand Product = ProductCommand.Create(TimeProvider.System);

    private static readonly string Page = ManualPage.Write(Product, "1.2.3");

    [Fact]
    public void Every_command_and_option_that_help_shows_is_on_the_page_and_no_hidden_one()
    {
        var commands = All(Product).Where(command => command is not RootCommand && command.Subcommands.Count == 0).ToList();

        Assert.All(commands, command => Assert.Equal(!command.Hidden, Page.Contains($"\n.SS {Escaped(Name(command))} ", StringComparison.Ordinal)));
        Assert.All(commands.Where(command => !command.Hidden).SelectMany(command => command.Options), option => Assert.Contains($"\\fB{Escaped(option.Name)}\\fR", Page, StringComparison.Ordinal));
        Assert.Contains("mrfad 1.2.3", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_begins_as_a_request_of_troff_and_a_backslash_are_text()
    {
        var page = ManualPage.Write(new RootCommand("First.\n.so /etc/passwd\n'quoted' C:\\n") { new Command("one", "x-y") }, "1.2.3");

        Assert.Contains("First.\n\\&.so /etc/passwd\n\\&'quoted' C:\\en\n", page, StringComparison.Ordinal);
        Assert.Contains("\n.SS mrfad one [\\fIoptions\\fR]\nx\\-y\n", page, StringComparison.Ordinal);
    }

    private static string Escaped(string text) => text.Replace("-", "\\-", StringComparison.Ordinal);

    private static string Name(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand ? $"{Name(parent)} {command.Name}" : $"mrfad {command.Name}";

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
