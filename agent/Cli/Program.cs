using System.CommandLine;
using MrfAd.Cli.Commands;
using MrfAd.Cli.Terminal;

var root = new RootCommand("Inspects parts on a line: learns from good parts, judges camera frames, reports over MQTT.")
{
    DemoCommand.Create(TimeProvider.System),
    LearnCommand.Create(TimeProvider.System),
    TrainCommand.Create(TimeProvider.System),
    InspectCommand.Create(TimeProvider.System),
    EvaluateCommand.Create(TimeProvider.System),
    BankCommand.Create(TimeProvider.System),
    ModelCommand.Create(TimeProvider.System),
    CheckCommand.Create(TimeProvider.System),
    RunCommand.Create(TimeProvider.System),
    SchemaCommand.Create(),
    BrokerCommand.Create(),
};

ExampleCommand.EnableHelp(root);
PlainNumbers.Want(root);
return await CommandRunner.RunAsync(root, args);
