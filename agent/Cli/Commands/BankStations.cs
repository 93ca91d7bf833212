using System.CommandLine;
using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad bank push | rollback | fetch | status | lesson | selftest</c>: commands to a station over its broker.</summary>
internal static class BankStations
{
    public static Command Push(TimeProvider clock)
    {
        var model = new Argument<string>("model") { Description = "A signed .mrfbank file, or another kind of model." };
        var json = new Option<bool>("--json") { Description = "How it ended, as JSON." };
        var broker = new BrokerOptions();
        var command = new ExampleCommand(
            "push",
            """
            Offers a signed model to a station and sends the chunks it requests, until the station judges by it or refuses it. Started again
            after an interruption of the command, the broker or the station, it continues where the station is.
            """,
            "mrfad bank push bottle.mrfbank --station plant/line1/press --broker broker.plant:1883")
        {
            model, json,
        };
        broker.AddTo(command, withCamera: true);
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = BankSigning.Existing(parsed.GetRequiredValue(model));
            Manifests.ReadBeside(path); // an unsigned file is reported before a station is searched for
            StationTopics topics;
            await using (var asking = broker.Connect(parsed, clock))
            {
                asking.ConnectionChanged += reason => Console.Error.WriteLine(reason ?? "connected");
                topics = await new DetectorFinder(asking, broker.TopicsOf(parsed), broker.ProductOf(parsed), broker.CameraOf(parsed), clock).FindAsync(Console.Error.WriteLine, cancellation);
                await asking.StopAsync(null, cancellation);
            }

            await using var link = broker.Connect(parsed, clock);
            link.ConnectionChanged += reason => Console.Error.WriteLine(reason ?? "offering");
            var push = new BankPush(link, topics, path, clock);
            var outcome = await ConsoleProgress.RunAsync(progress => push.RunAsync(progress, cancellation));
            await link.StopAsync(null, cancellation);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(outcome, MessageJson.Default.BankOutcome)
                : $"{MetricLabel.Of(outcome.Result)}: {outcome.Bank.Id} version {outcome.Bank.Version}: {outcome.Reason}");
            return outcome.Result is UpdateResult.Accepted or UpdateResult.Confirmed ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    public static Command RollBack(TimeProvider clock) =>
        RequestCommand("rollback", "Returns to the station's previous bank, and cancels an update in progress.", "mrfad bank rollback --station plant/line1/press", [], Detector, clock);

    public static Command Status(TimeProvider clock) =>
        RequestCommand("bank", "Shows the bank that a station judges by, the one it can roll back to, and the result of its last update.", "mrfad bank status --station plant/line1/press", [], Detector, clock, "status");

    public static Command Fetch(TimeProvider clock)
    {
        var source = new Argument<string>("source") { Description = "An http(s) address, or a whole path on the station; the signed manifest (.sig) is beside it." };
        return RequestCommand("fetch", "Tells a station to fetch a signed model from elsewhere; 'bank status' tells how it goes.", "mrfad bank fetch https://models.plant/bottle.mrfbank --station plant/line1/press",
            [source], (parsed, product, camera) => JsonSerializer.Serialize(new FetchCommand { Source = parsed.GetRequiredValue(source), Product = product, Camera = camera }, MessageJson.Default.FetchCommand), clock);
    }

    public static Command Correct(TimeProvider clock)
    {
        var verdict = new Option<Guid[]>("--verdict") { Description = "The ids of NG verdicts on good parts: shows what learning them, all at once, would change.", AllowMultipleArgumentsPerToken = true };
        var confirm = new Option<Guid?>("--confirm") { Description = "The id of a proposed correction, from the reply to --verdict: learns it, as a new version of the bank." };
        var accept = new Option<bool>("--accept-misses") { Description = "With --confirm: learns it also where the proposal lists defects that would no longer be found." };
        var discard = new Option<Guid?>("--discard") { Description = "The id of a proposed correction: discards it." };
        return RequestCommand("teach", "Corrects false alarms (false rejects): a station reports what learning the parts as good would change, and learns them once confirmed, as one version.",
            "mrfad bank lesson --verdict 01972b5c-0000-7000-8000-000000000001 --station plant/line1/press", [verdict, confirm, accept, discard],
            (parsed, _, _) => JsonSerializer.Serialize(
                // A single one is sent so that older stations understand it.
                new TeachCommand
                {
                    Verdict = parsed.GetValue(verdict) is [var one] ? one : null,
                    Verdicts = parsed.GetValue(verdict) is { Length: > 1 } several ? several : null,
                    Confirm = parsed.GetValue(confirm),
                    AcceptMisses = parsed.GetValue(accept),
                    Discard = parsed.GetValue(discard),
                },
                MessageJson.Default.TeachCommand),
            clock, "lesson", withCamera: false);
    }

    public static Command SelfTest(TimeProvider clock) =>
        RequestCommand("selftest", "A station inspects its reference parts now.", "mrfad bank selftest --station plant/line1/press", [], Detector, clock);

    private static string Detector(ParseResult parsed, string? product, string? camera) =>
        (product, camera) is (null, null) ? "" : JsonSerializer.Serialize(new DetectorCommand { Product = product, Camera = camera }, MessageJson.Default.DetectorCommand);

    /// <summary>Creates a command that sends one request to a station and prints the reply as JSON.</summary>
    public static Command RequestCommand(
        string name, string description, string example, IEnumerable<Symbol> own, Func<ParseResult, string?, string?, string> payload, TimeProvider clock, string? called = null, bool withCamera = true)
    {
        var broker = new BrokerOptions();
        var signing = new SigningOptions("The private key with which the command is signed; a station takes commands that change how it judges only signed, unless it is configured otherwise.", required: false);
        var command = new ExampleCommand(called ?? name, description, example);
        foreach (var symbol in own)
        {
            if (symbol is Argument argument)
                command.Arguments.Add(argument);
            else
                command.Options.Add((Option)symbol);
        }

        broker.AddTo(command, withCamera);
        signing.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var body = payload(parsed, broker.ProductOf(parsed), broker.CameraOf(parsed));
            using var key = signing.Open(parsed);
            await using var link = broker.Connect(parsed, clock);
            var reply = await new StationCaller(link, broker.TopicsOf(parsed), clock).AskAsync(name, body, key, text => Console.Error.WriteLine($"mrfad: {text}"), cancellation);
            if (reply.Error is { } error)
                throw new IOException($"the station refuses: {error.Message}");
            Console.WriteLine(reply.Result?.ToJsonString(JsonOutput.Options) ?? "done");
            return ExitCode.Done;
        });
        return command;
    }
}
