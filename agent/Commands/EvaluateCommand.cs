using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using MrfAd.Agent.Evaluation;
using MrfAd.Agent.Evaluation.Report;
using MrfAd.Engine;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Onnx;

namespace MrfAd.Agent.Commands;

/// <summary><c>mrfad evaluate</c>: the papers' tables on a data set.</summary>
public static class EvaluateCommand
{
    private const string DefaultMethod = "mrf-ad";

    public static Command Create(TimeProvider clock)
    {
        var dataset = new Argument<string>("dataset") { Description = "Folder of an object or of objects (MVTec AD, MVTec AD 2, a folder with 'good'), or VisA's folder or table." };
        var objects = new Option<string?>("--objects") { Description = "Only these, e.g. bottle,screw." };
        var method = new Option<string>("--method", "-m") { Description = "mrf-ad, a baseline of its parts, or hlgfa; see below.", DefaultValueFactory = _ => DefaultMethod };
        method.AcceptOnlyFromAmong([.. MethodPreset.All.Select(p => p.Name), HlgfaEvaluation.Name]);
        var output = new Option<string>("--out", "-o") { Description = "Folder for the reports and for what a stopped run needs to go on.", HelpName = "DIR", DefaultValueFactory = _ => "evaluation" };
        var restart = new Option<bool>("--restart") { Description = "Discard what an earlier run left in that folder." };
        var keep = new Option<bool>("--keep-banks") { Description = "Leave the learned banks in that folder." };
        var maps = new Option<string?>("--maps") { Description = "Write float16 TIFF maps and PNG masks in MVTec AD 2's upload layout, private splits too.", HelpName = "DIR" };
        var foreign = new Option<string?>("--metrics-only") { Description = "Judge the maps that another program left there (.tiff, .npy) and run no method.", HelpName = "DIR" };
        var threshold = new Option<double?>("--threshold") { Description = "Call pixels and images defective above this score, where good images give no threshold." };
        var against = new Option<string?>("--against") { Description = "Compare with an earlier run: its run.json.", HelpName = "FILE" };
        var pictures = new Option<int>("--pictures") { Description = "Images of each object that the page shows, the worst first.", DefaultValueFactory = _ => 60 };
        var json = new Option<bool>("--json") { Description = "The result as JSON." };
        var encoder = new EncoderOptions();
        var options = new BankOptions();
        var background = new BackgroundOptions();
        var training = new HlgfaCommandOptions();
        var command = new ExampleCommand(
            "evaluate",
            $"""
            Learns each object's good images, scores its test images once, and gives the papers' figures for the fused map and for each
            scale and layer alone. Leaves report.html, run.json, results.csv and results.md. A run that was stopped goes on where it was.
            Ends with 1 where something could not be read or judged; the list stands at the end.

            Methods:
            {string.Join('\n', MethodPreset.All.Select(p => $"  {p.Name}: {p.What}"))}
              {HlgfaEvaluation.Name}: {HlgfaEvaluation.What}; see 'mrfad train' for its options
            """,
            "mrfad evaluate mvtec --objects bottle,screw --encoder resnet50.json --out bottle-and-screw")
        {
            dataset, objects, method, output, restart, keep, maps, foreign, threshold, against, pictures, json,
        };
        encoder.AddTo(command);
        options.AddTo(command);
        background.AddTo(command);
        training.AddTo(command);
        command.NeedsImages = true;
        command.SetWork((parsed, cancellation) =>
        {
            var folder = parsed.GetRequiredValue(output);
            var sets = Read(parsed.GetRequiredValue(dataset), parsed.GetValue(objects));
            var earlier = parsed.GetValue(against) is { } file ? RunFile.Read(file) : null;
            if (parsed.GetValue(foreign) is { } maker && (parsed.GetValue(maps) is not null || !Directory.Exists(maker)))
                throw new UsageException(Directory.Exists(maker) ? "--maps and --metrics-only exclude each other" : $"--metrics-only: no such folder: {maker}");
            using var trainer = parsed.GetValue(foreign) is null ? Trainer(parsed, parsed.GetRequiredValue(method), encoder, options, background, training, clock) : null;
            if (parsed.GetValue(restart) && trainer is not null)
                RunFile.Discard(folder);
            UserFiles.CreateFolder(folder);
            var request = new EvaluationRequest
            {
                Objects = sets,
                Folder = folder,
                ForeignMaps = parsed.GetValue(foreign),
                BenchmarkFolder = parsed.GetValue(maps),
                Threshold = parsed.GetValue(threshold),
                KeepLearned = parsed.GetValue(keep),
                Facts = Facts(parsed, clock),
            };
            try
            {
                var (result, comparison) = ConsoleProgress.Run(progress =>
                {
                    var run = new EvaluationRun(request, trainer, progress, cancellation);
                    var result = run.Run();
                    var comparison = earlier is null ? null : RunComparison.Of(earlier, result);
                    RunReport.Write(folder, result, comparison, sets, run.Store, parsed.GetValue(pictures), progress, cancellation);
                    return (result, comparison);
                });
                Print(folder, result, comparison, parsed.GetValue(json));
                return result.Problems.Any() ? ExitCode.Failed : ExitCode.Done;
            }
            catch (OperationCanceledException)
            {
                Console.Error.WriteLine($"mrfad: the same command goes on from here ({folder})");
                throw;
            }
        });
        return command;
    }

    private static IReadOnlyList<DatasetObject> Read(string path, string? only)
    {
        try
        {
            return Dataset.Read(path, only?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        }
        catch (DatasetException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static ITrainer Trainer(ParseResult parsed, string method, EncoderOptions encoder, BankOptions options, BackgroundOptions background, HlgfaCommandOptions training, TimeProvider clock)
    {
        if (method == HlgfaEvaluation.Name)
        {
            encoder.SayThatHlgfaIsTrainedOnTheCpu(parsed);
            var hlgfa = training.Of(parsed) with { MixedSizes = true, Seed = options.SeedOf(parsed) };
            return new HlgfaEvaluation(encoder.EncoderOf(parsed), options.LayersOf(parsed), hlgfa, options.FalseAlarmsOf(parsed), encoder.ThreadsOf(parsed), clock);
        }

        var preset = MethodPreset.All.First(p => p.Name == method);
        var wanted = options.Of(parsed, preset.Options) with { Background = background.FillOf(parsed) };
        if (preset.OneScale && wanted.Scales.Count != 1)
            throw new UsageException($"--scales: {method} has one scale, got {wanted.Scales.Count}");
        var (path, threads, layers) = (encoder.EncoderOf(parsed), encoder.ThreadsOf(parsed), options.LayersOf(parsed));
        var model = Encoder.Open(path, layers, threads, encoder.DeviceOf(parsed));
        if (preset.OneLayer && layers is null && model.Layers is [.., var last])
        {
            model.Dispose();
            model = Encoder.Open(path, [last], threads, encoder.DeviceOf(parsed));
        }

        return new MrfAdTrainer(preset, model, background.Open(parsed, threads, encoder.DeviceOf(parsed)), wanted, options.FoldsOf(parsed), options.FalseAlarmsOf(parsed), threads, clock, encoder.DeviceOf(parsed));
    }

    private static IReadOnlyList<Fact> Facts(ParseResult parsed, TimeProvider clock) =>
    [
        new("command", $"mrfad {string.Join(' ', parsed.Tokens.Select(t => t.Value.Contains(' ', StringComparison.Ordinal) ? $"'{t.Value}'" : t.Value))}"),
        new("started", clock.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
        new("version", $"MrfAd.Edge {typeof(EvaluateCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}"),
        new("libraries", $"ONNX Runtime {OnnxSession.RuntimeVersion}, OpenCV {ImageCodec.LibraryVersion}"),
    ];

    private static void Print(string folder, RunResult result, RunComparison? comparison, bool json)
    {
        if (result.Problems.Any())
            Console.Error.WriteLine($"mrfad: {result.Problems.Count()} things could not be read or judged; the result lists them");
        foreach (var (name, doubt) in result.Objects.SelectMany(o => o.Facts.Where(f => f.Name == ObjectResult.Doubts).Select(f => (o.Name, f.Value))))
            Console.Error.WriteLine($"mrfad: masks of {name}: {doubt}");
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { result, comparison }, JsonOutput.Options));
            return;
        }

        Console.WriteLine(ResultTables.Markdown(result, comparison, mainOnly: true));
        Console.WriteLine($"all figures and pictures: {Path.Combine(folder, RunReport.PageName)}");
    }
}
