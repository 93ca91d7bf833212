using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Tensors;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary>Runs the command line. Errors become a sentence and an exit code here and nowhere else.</summary>
public static class CommandRunner
{
    // Before it ends, a station judges its current frame and announces that it stops; the host allows 30 s for that.
    private static readonly TimeSpan TerminationTime = TimeSpan.FromSeconds(40);

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (Faults(parsed) is { Count: > 0 } faults)
        {
            foreach (var fault in faults)
                await Console.Error.WriteLineAsync($"mrfad: {fault}");
            var path = string.Join(' ', Path(parsed.CommandResult).Reverse().Prepend("mrfad"));
            await Console.Error.WriteLineAsync($"mrfad: see '{path} --help'");
            return ExitCode.Usage;
        }

        try
        {
            if (parsed.CommandResult.Command is ExampleCommand { NeedsImages: true } command && parsed.Action == command.Action)
                OpenCvLibrary.Load();
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TerminationTime,
            });
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("mrfad: stopped");
            return ExitCode.Failed;
        }
        catch (Exception e) when (e is MrfAdException or IOException)
        {
            await Console.Error.WriteLineAsync($"mrfad: {e.Message}");
            return e is UsageException or TensorFormatException ? ExitCode.Usage : ExitCode.Failed;
        }
    }

    /// <summary>Returns what is wrong with the command line, one sentence for each fault: options that no command has, which are arguments and values to the parser, or else its own.</summary>
    private static List<string> Faults(ParseResult parsed)
    {
        if (parsed.Action is not ParseErrorAction && parsed.Action != parsed.CommandResult.Command.Action)
            return []; // --help and --version
        var unknown = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .Where(token => token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal))
            .Select(token => $"there is no option '{token.Value}'{Suggestion(parsed.CommandResult.Command, token.Value)}")
            .ToList();
        // The names of .NET types are removed: they do not help the user.
        return unknown.Count > 0 || parsed.Action is not ParseErrorAction ? unknown : [.. parsed.Errors.Select(error => error.Message.Split(" as expected type '")[0]).Distinct()];
    }

    /// <returns>The option that begins most like this; empty where none does for three letters.</returns>
    private static string Suggestion(Command command, string text)
    {
        var nearest = command.Options.Select(option => option.Name).MaxBy(name => name.AsSpan().CommonPrefixLength(text)) ?? "";
        return nearest.AsSpan().CommonPrefixLength(text) >= "--abc".Length ? $"; did you mean '{nearest}'?" : "";
    }

    /// <summary>Returns the names of a command and its parents, without the root's.</summary>
    private static IEnumerable<string> Path(CommandResult? command)
    {
        for (; command is { Command: not RootCommand }; command = command.Parent as CommandResult)
            yield return command.Command.Name;
    }
}
