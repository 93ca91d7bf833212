using System.CommandLine;
using System.Globalization;
using System.Text;

namespace MrfAd.Cli.Commands;

/// <summary>The manual page of the program in troff's man macros, written from the same commands that answer <c>--help</c>.</summary>
public static class ManualPage
{
    /// <param name="root">The command line to describe; hidden commands and options are left out.</param>
    /// <param name="version">The version for the page's footer, such as "0.1.0".</param>
    public static string Write(RootCommand root, string version)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $".TH MRFAD 1 \"\" \"mrfad {Text(version)}\" \"User Commands\"\n")
            .Append(".SH NAME\nmrfad \\- visual inspection of parts on a production line\n")
            .Append(".SH SYNOPSIS\n.B mrfad\n.I command\n[\\fIoptions\\fR]\n")
            .Append(CultureInfo.InvariantCulture, $".SH DESCRIPTION\n{Text(root.Description)}\n")
            .Append(".SH COMMANDS\n");
        foreach (var command in root.Subcommands)
            Append(page, command, "mrfad");
        page.Append(".SH FILES\n.TP\n.I /etc/mrfad/station.json\nThe configuration of the service.\n.TP\n.I /var/lib/mrfad\nBanks, models and the state of the service.\n")
            .Append(".SH EXIT STATUS\n0 if the command did what it was asked for, 1 if it failed, 2 if the command line or the configuration cannot be used.\n");
        return page.ToString();
    }

    private static void Append(StringBuilder page, Command command, string parent)
    {
        if (command.Hidden)
            return;
        var name = $"{parent} {command.Name}";
        if (command.Subcommands.Count == 0)
        {
            var arguments = string.Concat(command.Arguments.Where(argument => !argument.Hidden).Select(argument => $" \\fI{Text(argument.Name)}\\fR"));
            page.Append(CultureInfo.InvariantCulture, $".SS {Text(name)}{arguments} [\\fIoptions\\fR]\n{Text(command.Description)}\n");
        }

        foreach (var argument in command.Arguments.Where(argument => !argument.Hidden))
            page.Append(CultureInfo.InvariantCulture, $".TP\n\\fI{Text(argument.Name)}\\fR\n{Text(argument.Description)}\n");
        foreach (var option in command.Options.Where(option => !option.Hidden))
            page.Append(CultureInfo.InvariantCulture, $".TP\n{Names(option)}\n{Text(option.Description)}{Default(option)}\n");
        if (command is ExampleCommand { Example: var example })
            page.Append(CultureInfo.InvariantCulture, $".PP\nExample:\n.PP\n.in +4n\n.nf\n{Text(example)}\n.fi\n.in\n");
        foreach (var subcommand in command.Subcommands)
            Append(page, subcommand, name);
    }

    private static string Names(Option option)
    {
        var names = string.Join(", ", option.Aliases.Order(StringComparer.Ordinal).Append(option.Name).Distinct().Select(name => $"\\fB{Text(name)}\\fR"));
        return option.ValueType == typeof(bool) ? names : $"{names} \\fI{Text(option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant())}\\fR";
    }

    private static string Default(Option option) =>
        option.HasDefaultValue && option.ValueType != typeof(bool) && Convert.ToString(option.GetDefaultValue(), CultureInfo.InvariantCulture) is { Length: > 0 } value ? $" Default: {Text(value)}." : "";

    /// <summary>Escapes what troff would read as its own: backslashes, hyphens, and dots and quotes at the beginning of a line; empty lines become paragraphs.</summary>
    private static string Text(string? text)
    {
        var lines = (text ?? "").Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Split('\n');
        return string.Join('\n', lines.Select(line => line.Trim()).Select(line => line.Length == 0 && lines.Length > 1 ? ".PP" : line.StartsWith('.') || line.StartsWith('\'') ? $"\\&{line}" : line));
    }
}
