using System.CommandLine;
using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad bank push | rollback | fetch | status</c>: what an office asks of a station, over its broker.</summary>
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
            Offers a signed model to a station and gives it the chunks it asks for, until it judges by it or refuses it. Started again after
            whatever happened to it, to the broker or to the station, it goes on where the station is.
            """,
            "mrfad bank push bottle.mrfbank --station plant/line1/press --broker broker.plant:1883")
        {
            model, json,
        };
        broker.AddTo(command, withCamera: true);
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = BankSigning.Existing(parsed.GetRequiredValue(model));
            Manifests.ReadBeside(path); // a file that is not signed is told of before a station is looked for
            StationTopics topics;
            await using (var asking = broker.Connect(parsed, clock))
            {
                asking.ConnectionChanged += reason => Console.Error.WriteLine(reason ?? "connected");
                topics = await new DetectorFinder(asking, broker.TopicsOf(parsed), broker.CameraOf(parsed), clock).FindAsync(Console.Error.WriteLine, cancellation);
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
        Asking("rollback", "The station's previous bank judges again; an update under way is given up.", "mrfad bank rollback --station plant/line1/press", [], Detector, clock);

    public static Command Status(TimeProvider clock) =>
        Asking("bank", "What a station judges by, to what it can go back, and how its last update ended.", "mrfad bank status --station plant/line1/press", [], Detector, clock, "status");

    public static Command Fetch(TimeProvider clock)
    {
        var source = new Argument<string>("source") { Description = "An http(s) address, or a whole path on the station; the signed manifest (.sig) is beside it." };
        return Asking("fetch", "Tells a station to fetch a signed model from elsewhere; 'bank status' tells how it goes.", "mrfad bank fetch https://models.plant/bottle.mrfbank --station plant/line1/press",
            [source], (parsed, camera) => JsonSerializer.Serialize(new FetchCommand { Source = parsed.GetRequiredValue(source), Camera = camera }, MessageJson.Default.FetchCommand), clock);
    }

    public static Command Lesson(TimeProvider clock)
    {
        var verdict = new Option<Guid?>("--verdict") { Description = "An NG verdict on a good part: what would learning it change?" };
        var confirm = new Option<Guid?>("--confirm") { Description = "A lesson that --verdict answered with: learn it, as a new version of the bank." };
        var discard = new Option<Guid?>("--discard") { Description = "A lesson: forget it." };
        return Asking("teach", "Tells a station that a part it called NG was good; first what that would change, then, confirmed, it is learned.",
            "mrfad bank lesson --verdict 01972b5c-0000-7000-8000-000000000001 --station plant/line1/press", [verdict, confirm, discard],
            (parsed, _) => JsonSerializer.Serialize(
                new TeachCommand { Verdict = parsed.GetValue(verdict), Confirm = parsed.GetValue(confirm), Discard = parsed.GetValue(discard) }, MessageJson.Default.TeachCommand),
            clock, "lesson", withCamera: false);
    }

    public static Command SelfTest(TimeProvider clock) =>
        Asking("selftest", "A station inspects its golden parts now.", "mrfad bank selftest --station plant/line1/press", [], Detector, clock);

    private static string Detector(ParseResult parsed, string? camera) => camera is null ? "" : JsonSerializer.Serialize(new DetectorCommand { Camera = camera }, MessageJson.Default.DetectorCommand);

    /// <summary>A command whose answer is printed as it comes.</summary>
    public static Command Asking(
        string name, string description, string example, IEnumerable<Symbol> own, Func<ParseResult, string?, string> payload, TimeProvider clock, string? called = null, bool withCamera = true)
    {
        var broker = new BrokerOptions();
        var signing = new SigningOptions("The private key with which the command is signed, where the station takes signed ones alone.", required: false);
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
            var body = payload(parsed, broker.CameraOf(parsed));
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
