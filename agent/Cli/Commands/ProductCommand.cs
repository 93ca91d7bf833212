using System.CommandLine;
using MrfAd.Cli.Terminal;

namespace MrfAd.Cli.Commands;

/// <summary>The root command <c>mrfad</c> with all its subcommands.</summary>
public static class ProductCommand
{
    public static RootCommand Create(TimeProvider clock)
    {
        var root = new RootCommand("Inspects parts on a line: learns from good parts, judges camera frames, reports over MQTT.")
        {
            DemoCommand.Create(clock),
            CollectCommand.Create(clock),
            LearnCommand.Create(clock),
            TrainCommand.Create(clock),
            InspectCommand.Create(clock),
            EvaluateCommand.Create(clock),
            BankCommand.Create(clock),
            ModelCommand.Create(clock),
            CheckCommand.Create(clock),
            SecureCommand.Create(clock),
            RunCommand.Create(clock),
            UpgradeCommand.Create(clock),
            SchemaCommand.Create(),
            ResultsCommand.Create(),
            BrokerCommand.Create(),
        };
        root.Subcommands.Add(ManualCommand.Create(root));
        ExampleCommand.EnableHelp(root);
        PlainNumbers.Want(root);
        return root;
    }
}
