using System.CommandLine;
using MrfAd.Cli.Demo;
using MrfAd.Cli.Terminal;
using MrfAd.Platform;
using Spectre.Console;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad demo</c>: learns, inspects and reports over MQTT within minutes, on generated parts or on the user's images.</summary>
public static class DemoCommand
{
    public static Command Create(TimeProvider clock)
    {
        var output = new Option<string>("--out", "-o") { Description = "Folder for everything the demo makes; an earlier demo there is replaced.", HelpName = "DIR", DefaultValueFactory = _ => "demo-out" };
        var parts = new Option<int>("--parts") { Description = "Generated parts to judge, about half of them defective.", HelpName = "N", DefaultValueFactory = _ => 41 };
        var seed = new Option<int>("--seed") { Description = "Seed of the generated parts and of their order on the line.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var dataset = new Option<string?>("--dataset") { Description = "Your own images of one object: MVTec AD's layout (train/good, test/KIND), or a folder with 'good' and one for each kind of defect.", HelpName = "DIR" };
        var encoder = new Option<string?>("--encoder", "-e") { Description = "ONNX file of the encoder, or its descriptor .json. Without it: the built-in default.", HelpName = "FILE" };
        var broker = new Option<string?>("--broker", "-b") { Description = "A running MQTT broker: host or host:port, without a password. Default: the demo starts one.", HelpName = "HOST" };
        var keep = new Option<bool>("--keep") { Description = "Keep broker and agent running until Ctrl-C; their addresses are printed." };
        var json = new Option<bool>("--json") { Description = "The summary as JSON." };
        var command = new ExampleCommand(
            "demo",
            "Makes a small line of parts, learns from good ones, starts a broker and the agent, triggers every part over MQTT, and ends with a summary and a page of heatmaps.",
            "mrfad demo --dataset mvtec/bottle --encoder resnet50.onnx")
        {
            output, parts, seed, dataset, encoder, broker, keep, json,
        };
        command.NeedsImages = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new DemoOptions(
                parsed.GetRequiredValue(output),
                Within(8, 10_000, parsed.GetValue(parts), parts),
                Within(0, int.MaxValue, parsed.GetValue(seed), seed),
                parsed.GetValue(dataset),
                parsed.GetValue(encoder),
                parsed.GetValue(broker) is { } address ? BrokerOptions.Address(address, defaultPort: 1883, broker.Name) : null,
                parsed.GetValue(keep),
                parsed.GetValue(json));
            if (options is { Keep: true, Json: true })
                throw new UsageException("--keep and --json exclude each other: what stays prints its addresses for people");
            IDemoView view = options.Json ? new PlainView(Plain(Console.Error), clock)
                : Console.IsOutputRedirected ? new PlainView(Plain(Console.Out), clock)
                : new LiveView(AnsiConsole.Console);
            await new DemoSession(options, view, Console.Out, clock).RunAsync(cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static IAnsiConsole Plain(TextWriter writer) => AnsiConsole.Create(
        new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(writer) });

    private static int Within(int least, int most, int value, Option option) => value >= least && value <= most
        ? value
        : throw new UsageException($"{option.Name}: want {least} to {most}, got {value}");
}
