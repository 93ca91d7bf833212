using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using MrfAd.Cli.Evaluation;
using MrfAd.Cli.Evaluation.Report;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Sessions;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad evaluate</c>: measures the metrics of the papers' tables on a dataset.</summary>
public sealed class EvaluateCommand
{
    private const string DefaultMethod = "mrf-ad";

    private readonly TimeProvider _clock;
    private readonly Argument<string> _dataset = new("dataset") { Description = "Folder of an object or of objects (MVTec AD, MVTec AD 2, a folder with 'good'), or VisA's folder or table." };
    private readonly Option<string?> _objects = new("--objects") { Description = "Names of the objects to evaluate, e.g. bottle,screw; default: all." };
    private readonly Option<string> _method = new("--method", "-m") { Description = "mrf-ad, one of its baselines, or hlgfa; see below.", DefaultValueFactory = _ => DefaultMethod };
    private readonly Option<string> _output = new("--out", "-o") { Description = "Folder for the reports and for the files that a stopped run resumes from.", HelpName = "DIR", DefaultValueFactory = _ => "evaluation" };
    private readonly Option<bool> _restart = new("--restart") { Description = "Discard an earlier run in that folder." };
    private readonly Option<bool> _keep = new("--keep-banks") { Description = "Leave the learned banks in that folder." };
    private readonly Option<string?> _maps = new("--maps") { Description = "Write float16 TIFF maps and PNG masks in MVTec AD 2's upload layout, private splits too.", HelpName = "DIR" };
    private readonly Option<string?> _foreign = new("--metrics-only") { Description = "Evaluate the maps of another program in this folder (.tiff, .npy) and run no method.", HelpName = "DIR" };
    private readonly Option<double?> _threshold = new("--threshold") { Description = "Call pixels and images defective above this score, where good images give no threshold." };
    private readonly Option<string?> _against = new("--against") { Description = "Compare with an earlier run: its run.json.", HelpName = "FILE" };
    private readonly Option<int> _pictures = new("--pictures") { Description = "Images of each object that the page shows, the worst first.", DefaultValueFactory = _ => 60 };
    private readonly Option<bool> _json = new("--json") { Description = "The result as JSON." };
    private readonly EncoderOptions _encoder = new();
    private readonly BankOptions _bank = new();
    private readonly BackgroundOptions _background = new();
    private readonly AlignOptions _align = new();
    private readonly HlgfaCommandOptions _training = new();

    private EvaluateCommand(TimeProvider clock) => _clock = clock;

    public static Command Create(TimeProvider clock) => new EvaluateCommand(clock).Build();

    private ExampleCommand Build()
    {
        _method.AcceptOnlyFromAmong([.. MethodPreset.All.Select(p => p.Name), HlgfaEvaluation.Name]);
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
            _dataset, _objects, _method, _output, _restart, _keep, _maps, _foreign, _threshold, _against, _pictures, _json,
        };
        _encoder.AddTo(command);
        _bank.AddTo(command);
        _background.AddTo(command);
        _align.AddTo(command);
        _training.AddTo(command);
        command.NeedsImages = true;
        command.SetWork(Run);
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var folder = parsed.GetRequiredValue(_output);
        var sets = Read(parsed.GetRequiredValue(_dataset), parsed.GetValue(_objects));
        var earlier = parsed.GetValue(_against) is { } file ? RunFile.Read(file) : null;
        if (parsed.GetValue(_foreign) is { } maker && (parsed.GetValue(_maps) is not null || !Directory.Exists(maker)))
            throw new UsageException(Directory.Exists(maker) ? "--maps and --metrics-only exclude each other" : $"--metrics-only: no such folder: {maker}");
        using var trainer = parsed.GetValue(_foreign) is null ? Trainer(parsed) : null;
        if (parsed.GetValue(_restart) && trainer is not null)
            RunFile.Discard(folder);
        UserFiles.CreateFolder(folder);
        var request = Request(parsed, sets, folder);
        try
        {
            var (result, comparison) = ConsoleProgress.Run(progress =>
            {
                var run = new EvaluationRun(request, trainer, progress, cancellation);
                var result = run.Run();
                var comparison = earlier is null ? null : RunComparison.Of(earlier, result);
                RunReport.Write(folder, result, comparison, sets, run.Store, parsed.GetValue(_pictures), progress, cancellation);
                return (result, comparison);
            });
            Print(folder, result, comparison, parsed.GetValue(_json));
            return result.Problems.Any() ? ExitCode.Failed : ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine($"mrfad: the same command goes on from here ({folder})");
            throw;
        }
    }

    private EvaluationRequest Request(ParseResult parsed, IReadOnlyList<DatasetObject> sets, string folder) => new()
    {
        Objects = sets,
        Folder = folder,
        ForeignMaps = parsed.GetValue(_foreign),
        BenchmarkFolder = parsed.GetValue(_maps),
        Threshold = parsed.GetValue(_threshold),
        KeepLearned = parsed.GetValue(_keep),
        Parameters = Parameters(parsed, _clock),
        Limits = CommandLimits.OfImages,
    };

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

    private ITrainer Trainer(ParseResult parsed)
    {
        var method = parsed.GetRequiredValue(_method);
        var (path, threads, layers, device) = (_encoder.EncoderOf(parsed), _encoder.ThreadsOf(parsed), _bank.LayersOf(parsed), _encoder.DeviceOf(parsed));
        var alignment = _align.Of(parsed);
        if (method != DefaultMethod && _bank.SaysHowToMap(parsed) is { } option)
            throw new UsageException($"{option}: {method} has features of its own; it goes with {DefaultMethod}");
        if (method == HlgfaEvaluation.Name)
        {
            if (alignment is not null)
                throw new UsageException($"--align: {method} does not align");
            _encoder.WarnIfNotCpu(parsed);
            var hlgfa = _training.Of(parsed) with { MixedSizes = true, Seed = _bank.SeedOf(parsed) };
            return new HlgfaEvaluation(path, layers, hlgfa, _bank.FalseAlarmsOf(parsed), threads, _clock);
        }

        var preset = MethodPreset.All.First(p => p.Name == method);
        var options = _bank.Of(parsed, preset.Options) with { Background = _background.FillOf(parsed) };
        if (preset.OneScale && options.Scales.Count != 1)
            throw new UsageException($"--scales: {method} has one scale, got {options.Scales.Count}");
        var model = Encoder.Open(path, layers, threads, device);
        if (preset.OneLayer && layers is null && model.Layers is [.., var last])
        {
            model.Dispose();
            model = Encoder.Open(path, [last], threads, device);
        }

        var settings = new MrfAdTrainerSettings(options, _bank.FoldsOf(parsed), _bank.FalseAlarmsOf(parsed), threads, device, alignment, _bank.CandidatesOf(parsed));
        return new MrfAdTrainer(preset, model, _background.Open(parsed, threads, device), settings, _clock);
    }

    private static IReadOnlyList<RunParameter> Parameters(ParseResult parsed, TimeProvider clock) =>
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
        foreach (var (name, doubt) in result.Objects.SelectMany(o => o.Parameters.Where(f => f.Name == ObjectResult.Doubts).Select(f => (o.Name, f.Value))))
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
