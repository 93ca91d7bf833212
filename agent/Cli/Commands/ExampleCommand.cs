using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MrfAd.Cli.Commands;

/// <summary>A command whose --help ends with an example.</summary>
internal sealed class ExampleCommand(string name, string description, string example) : Command(name, description)
{
    /// <summary>A whole command line, which --help and the manual page show.</summary>
    public string Example { get; } = example;

    /// <summary>True if the command reads or resizes images; then a missing OpenCV library is reported before the command starts.</summary>
    public bool NeedsImages { get; set; }

    /// <summary>Sets a synchronous action, which runs on another thread, so that Ctrl-C can cancel it.</summary>
    public void SetWork(Func<ParseResult, CancellationToken, int> work) =>
        SetAction((parsed, cancellation) => Task.Run(() => work(parsed, cancellation), CancellationToken.None));

    /// <summary>Lets the root's --help option print the examples.</summary>
    public static void EnableHelp(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExample((SynchronousCommandLineAction)help.Action!);
    }

    private sealed class HelpWithExample(SynchronousCommandLineAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var result = help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is ExampleCommand command)
                Console.WriteLine($"Example:\n  {command.Example}\n");
            return result;
        }
    }
}
