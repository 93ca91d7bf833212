using System.CommandLine;
using System.Text.Json;
using MrfAd.Cli.Collecting;
using MrfAd.Engine.Images;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad collect</c>: takes pictures of good parts with a camera.</summary>
public static class CollectCommand
{
    /// <summary>The port of the page: the station's own is 9464, so both run on one machine.</summary>
    private const int DefaultPort = 9465;

    private static readonly Option<string> Camera = new("--camera") { Description = "A source as in a station's configuration: gige:SERIAL, usb3:SERIAL, v4l2:N, rtsp://…, http://…, gst:…, folder:PATH, file:PATH, mqtt:TOPIC, http: (docs/cameras.md).", Required = true, HelpName = "SOURCE" };
    private static readonly Option<string> Out = new("--out", "-o") { Description = "Folder for the good pictures; those that are dark, blown out, blurred or of another size come into 'flagged' beside it. What is there stays.", Required = true, HelpName = "FOLDER" };
    private static readonly Option<int?> Count = new("--count", "-n") { Description = "End after so many good pictures; default: go on until Ctrl-C or the end of the source.", HelpName = "N" };
    private static readonly Option<string?> Trigger = new("--trigger") { Description = "key (a line of standard input where that is no terminal), interval, free_run, line (the camera's own), gpio, http or mqtt; default: what the source needs, free_run for files, interval with --interval, else key." };
    private static readonly Option<string?> Interval = new("--interval") { Description = "The time between two pictures, such as 2s; default with --trigger interval: 1s.", HelpName = "TIME" };
    private static readonly Option<string?> Profile = new("--profile") { Description = "The camera's settings, a file as in cameras[].profile.", HelpName = "FILE" };
    private static readonly Option<string?> TriggerLine = new("--trigger-line") { Description = "The line of --trigger gpio, such as gpiochip0:17.", HelpName = "LINE" };
    private static readonly Option<int> Port = new("--port") { Description = "Port of the page with the newest picture, on this machine alone; 0 takes a free one.", DefaultValueFactory = _ => DefaultPort, HelpName = "PORT" };
    private static readonly Option<bool> NoPreview = new("--no-preview") { Description = "No page." };

    public static Command Create(TimeProvider clock)
    {
        Trigger.AcceptOnlyFromAmong([.. Enum.GetValues<CollectTrigger>().Select(Name)]);
        var broker = new BrokerOptions(isStationRequired: false);
        var command = new ExampleCommand(
            "collect",
            """
            Takes pictures of good parts with any camera and trigger of a station, to learn from. A page on this machine shows the newest
            one; dark, blown out and blurred ones are flagged at once. Ends with 0, also by Ctrl-C, and with 1 where fewer than --count, or none, were taken.
            """,
            "mrfad collect --camera gige:4711 --profile camera.json --trigger line --count 100 --out parts/good")
        {
            Camera, Out, Count, Trigger, Interval, Profile, TriggerLine, Port, NoPreview,
        };
        broker.AddTo(command);
        command.NeedsImages = true;
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = Options(parsed, broker);
            // A source may block in its constructor, and the terminal is polled.
            return await Task.Run(() => new CollectRun(options, options.Trigger == CollectTrigger.Mqtt ? () => broker.Connect(parsed, clock) : null, clock).RunAsync(cancellation), CancellationToken.None);
        });
        return command;
    }

    /// <exception cref="UsageException">An option cannot be used; the message names it.</exception>
    private static CollectOptions Options(ParseResult parsed, BrokerOptions broker)
    {
        var source = Address(parsed.GetRequiredValue(Camera));
        var trigger = TriggerOf(parsed, source);
        var camera = new CameraOptions
        {
            Name = "camera",
            Source = source.ToString(),
            Trigger = trigger == CollectTrigger.Key ? TriggerMode.Interval : Enum.Parse<TriggerMode>(trigger.ToString()),
            Interval = parsed.GetValue(Interval) is { } text ? Duration(text) : new CameraOptions().Interval,
            Profile = parsed.GetValue(Profile),
            TriggerLine = parsed.GetValue(TriggerLine),
        };
        Check(camera, trigger);
        var folder = parsed.GetRequiredValue(Out);
        CheckFolder(folder, source);
        return new CollectOptions
        {
            Camera = camera,
            Trigger = trigger,
            Folder = folder,
            Count = parsed.GetValue(Count) is not { } count ? null : count >= 1 ? count : throw new UsageException($"{Count.Name}: want at least 1, got {count}"),
            Port = parsed.GetValue(Port) is >= 0 and <= 65535 and var port ? port : throw new UsageException($"{Port.Name}: want 0 to 65535, got {parsed.GetValue(Port)}"),
            HasPage = !parsed.GetValue(NoPreview),
            TriggerTopic = trigger != CollectTrigger.Mqtt || camera.FramesAreSent ? null
                : broker.NamesStation(parsed) ? broker.TopicsOf(parsed).Command("trigger")
                : throw new UsageException($"{Trigger.Name} mqtt: want --station site/line/station, whose cmd/trigger takes a picture"),
            Limits = CommandLimits.Over(ImageLimits.Default),
        };
    }

    private static SourceAddress Address(string source)
    {
        try
        {
            return SourceAddress.Parse(source);
        }
        catch (FormatException e)
        {
            throw new UsageException($"{Camera.Name}: {e.Message}");
        }
    }

    private static CollectTrigger TriggerOf(ParseResult parsed, SourceAddress source)
    {
        var interval = parsed.GetValue(Interval);
        if (parsed.GetValue(Trigger) is not { } name)
        {
            return source switch
            {
                _ when interval is not null => CollectTrigger.Interval,
                { Kind: SourceKind.Mqtt } => CollectTrigger.Mqtt,
                { Kind: SourceKind.Http } => CollectTrigger.Http,
                { Kind: SourceKind.Folder or SourceKind.Video } => CollectTrigger.FreeRun,
                _ when parsed.GetValue(TriggerLine) is not null => CollectTrigger.Gpio,
                _ => CollectTrigger.Key,
            };
        }

        var trigger = Enum.GetValues<CollectTrigger>().Single(value => Name(value) == name);
        return interval is null || trigger == CollectTrigger.Interval ? trigger : throw new UsageException($"{Interval.Name}: has no effect with {Trigger.Name} {name}");
    }

    /// <summary>Checks the camera by the rules of a station's configuration.</summary>
    private static void Check(CameraOptions camera, CollectTrigger trigger)
    {
        if (CameraOptionsValidator.Validate(camera, "").FirstOrDefault() is not { } fault)
            return;
        var colon = fault.IndexOf(':', StringComparison.Ordinal);
        var option = fault[..colon] switch { ".source" => Camera.Name, var key => "--" + key[1..].Replace('_', '-') };
        var got = option == Trigger.Name ? $", got \"{Name(trigger)}\"" : "";
        throw new UsageException($"{option}{fault[colon..]}{got}");
    }

    /// <summary>Refuses a folder into which the camera would look: it would take its own pictures again.</summary>
    private static void CheckFolder(string folder, SourceAddress source)
    {
        if (source.Kind != SourceKind.Folder)
            return;
        var camera = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Place)) + Path.DirectorySeparatorChar;
        foreach (var own in (string[])[folder, CollectFolder.FlaggedBeside(folder)])
        {
            if ((Path.TrimEndingDirectorySeparator(Path.GetFullPath(own)) + Path.DirectorySeparatorChar).StartsWith(camera, StringComparison.Ordinal))
                throw new UsageException($"{Out.Name}: want a folder outside that of the camera, '{source.Place}': '{own}' is within it");
        }
    }

    private static TimeSpan Duration(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<TimeSpan>(JsonSerializer.Serialize(text), StationJson.Options);
        }
        catch (JsonException)
        {
            throw new UsageException($"{Interval.Name}: want a duration such as 500ms, 2s or 1m, got '{text}'");
        }
    }

    private static string Name(CollectTrigger trigger) => JsonNamingPolicy.SnakeCaseLower.ConvertName(trigger.ToString());
}
