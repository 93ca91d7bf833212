using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Cli.Demo.Line;
using MrfAd.Cli.Terminal;
using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Learning;
using MrfAd.Platform;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Demo;

/// <summary>Runs a demo: makes or reads the parts, learns a bank, starts broker and agent, triggers every part and writes the page of verdicts.</summary>
/// <param name="output">Receives the summary.</param>
public sealed class DemoSession(DemoOptions options, IDemoView view, TextWriter output, TimeProvider clock)
{
    // A frame takes one or two seconds on a small machine.
    private static readonly TimeSpan VerdictTimeout = TimeSpan.FromMinutes(2);

    // Enough to calibrate on, few enough for a demo.
    private const int TrainParts = 60;

    // 1 %: the few dozen good parts of a demo cannot estimate a much lower rate.
    private const double FalseAlarmsPer1000 = 10;

    private readonly string _encoder = options.Encoder ?? DefaultEncoder.Path();

    /// <exception cref="UsageException">The output folder, the dataset or the encoder is not usable.</exception>
    /// <exception cref="IOException">Broker or agent failed; the text says why.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Errors of the input are found before anything takes long and before an earlier demo is deleted.
        var given = options.Dataset is { } images ? InspectionDataset.Read(images) : null;
        Encoder.Open(_encoder, layers: null, threads: 1).Dispose();
        var folder = DemoFolder.Prepare(options.Out, options.Dataset);
        await using var broker = options.Broker is { } address ? DemoBroker.At(address.Host, address.Port) : await DemoBroker.StartAsync(folder.Path, cancellationToken);

        var dataset = given ?? await MakeAsync(folder.Line, cancellationToken);
        var start = clock.GetTimestamp();
        var bank = await LearnAsync(dataset, folder.Bank, cancellationToken);
        var learned = clock.GetElapsedTime(start);

        // The kinds of parts are mixed, as on a line. The camera gives the images in this order, one for each trigger.
        var parts = Shuffled(dataset.Test);
        folder.Show(parts);
        var stationOptions = DemoStation.Options(broker, folder.Bank, Path.GetFullPath(_encoder), folder.Frames);
        await using var station = await DemoStation.StartAsync(stationOptions, folder.Path, cancellationToken);
        await using var client = new StationClient(
            new MqttNetLink(stationOptions.Mqtt with { ClientId = "mrfad-demo" }, null, clock, NullLogger.Instance),
            new StationTopics(stationOptions.Site, stationOptions.Line, stationOptions.Station), stationOptions.Cameras[0].Name, clock);
        var judged = await JudgeAsync(parts, broker, station, client, cancellationToken);

        var page = new DemoReport(options, dataset, bank, learned, judged, clock).Write(folder);
        UserFiles.WriteLines(folder.Verdicts, judged.Select(j => JsonSerializer.Serialize(j.Verdict, MessageJson.Default.VerdictMessage)));
        await output.WriteLineAsync(Summary(new DemoTally(judged), page));
        if (options.Keep)
            await KeepAsync(broker, station, stationOptions, cancellationToken);
    }

    private async Task<InspectionDataset> MakeAsync(string folder, CancellationToken cancellationToken)
    {
        var line = PartLine.Of(TrainParts, options.Parts, options.Seed);
        await view.StepAsync($"making {line.Count} parts", line.Count, done => Task.Run(() => line.Write(folder, done, cancellationToken), cancellationToken));
        return InspectionDataset.Read(folder);
    }

    private async Task<LearnResult> LearnAsync(InspectionDataset dataset, string bank, CancellationToken cancellationToken)
    {
        LearnResult? result = null;
        var request = new LearnRequest
        {
            Images = dataset.Train,
            Id = "demo",
            Created = clock.GetUtcNow(),
            FalseAlarms = FalseAlarmsPer1000,
            SkipUnreadable = true,
        };
        // Each image is reported three times (read, extracted, calibrated), and writing the bank once.
        await view.StepAsync($"learning {dataset.Train.Count} good parts", (3 * dataset.Train.Count) + 1, done => Task.Run(
            () =>
            {
                using var encoder = Encoder.Open(_encoder, layers: null, request.Threads);
                result = new BankLearner(encoder, clock).Learn(request, bank, new StepProgress(done), cancellationToken);
            },
            cancellationToken));
        return result!;
    }

    private async Task<List<JudgedPart>> JudgeAsync(List<DemoPart> parts, DemoBroker broker, DemoStation station, StationClient client, CancellationToken cancellationToken)
    {
        List<JudgedPart> judged = [];
        await broker.WhileAliveAsync(station.WhileAliveAsync(client.ReadyAsync(VerdictTimeout, cancellationToken)));
        await view.JudgeAsync(judged, parts.Count, async changed =>
        {
            foreach (var part in parts)
            {
                judged.Add(await broker.WhileAliveAsync(station.WhileAliveAsync(client.JudgeAsync(part, VerdictTimeout, cancellationToken))));
                changed();
            }
        });
        return judged;
    }

    private string Summary(DemoTally tally, string page) => options.Json
        ? JsonSerializer.Serialize(tally.JsonSummary(page), JsonOutput.Options)
        : string.Join(Environment.NewLine, [.. tally.Lines(), $"pictures and heatmaps: {page}"]);

    private async Task KeepAsync(DemoBroker broker, DemoStation station, StationOptions stationOptions, CancellationToken cancellationToken)
    {
        var topics = new StationTopics(stationOptions.Site, stationOptions.Line, stationOptions.Station);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"broker: mqtt://{broker.Host}:{broker.Port}{(broker.ProcessId is { } id ? $" (process {id})" : "")}, topics below {topics.Root}"));
        output.WriteLine($"agent: {station.Url}/metrics, {station.Url}/healthz (process {station.ProcessId})");
        output.WriteLine($"trigger: an empty message to {topics.Command("trigger")}");
        output.WriteLine(broker.ProcessId is null ? "Ctrl-C ends the agent" : "Ctrl-C ends both");
        var stopped = new TaskCompletionSource<bool>();
        await using var stop = cancellationToken.Register(() => stopped.SetResult(true));
        await broker.WhileAliveAsync(station.WhileAliveAsync(stopped.Task));
    }

    private List<DemoPart> Shuffled(IReadOnlyList<DemoPart> parts)
    {
        var dice = new SeededRandom((ulong)options.Seed);
        return [.. parts.Select(part => (part, dice.Next())).OrderBy(p => p.Item2).Select(p => p.part)];
    }

    private sealed class StepProgress(Action done) : IProgress<LearnProgress>
    {
        public void Report(LearnProgress value) => done();
    }
}
