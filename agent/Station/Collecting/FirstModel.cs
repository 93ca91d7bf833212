using Microsoft.Extensions.Logging;
using MrfAd.Engine.Alignment;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Sessions;
using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Collecting;

/// <summary>
/// The first model of a detector, learned on the station from the good parts that were collected, while further frames are collected and other detectors judge. It is
/// learned beside the configured file and renamed to it when it can be opened, so that a crash at any moment leaves a station that collects, or one that judges.
/// </summary>
/// <param name="oneAtATime">Held while a model is learned: the memory of one is what the station is sized for.</param>
/// <param name="stopping">Ends the learning when the station stops.</param>
public sealed partial class FirstModel(
    StationBank bank, CollectedFrames frames, CollectingOptions options, UpdateTrust trust, SemaphoreSlim oneAtATime, TimeProvider clock, ILogger<FirstModel> log, CancellationToken stopping)
{
    // Beside the configured file: only within one folder is a rename atomic.
    private const string Unfinished = ".learning";

    // Memory for a short cut of learning: the station's is for its detectors.
    private const long KeptBytes = 256_000_000;

    // As many as collect looks back on.
    private const int Remembered = 20;

    private volatile LearningProgress? _progress;
    private volatile string? _failure;

    /// <summary>Raised after each change of <see cref="Progress"/> or <see cref="Failure"/>, on the thread that learns.</summary>
    public event Action? Changed;

    /// <summary>The detector that gets the model.</summary>
    public StationBank Bank => bank;

    /// <summary>The progress; null where nothing is being learned.</summary>
    public LearningProgress? Progress => _progress;

    /// <summary>The reason why the last attempt has failed, one sentence; null where none has, or another one is under way.</summary>
    public string? Failure => _failure;

    /// <returns>The good parts of all cameras that the detector judges, in the order in which they were taken.</returns>
    public IReadOnlyList<CollectedFrame> Good() => [.. bank.Cameras.SelectMany(camera => frames.Of(camera, bank.Product)).Where(f => f.IsGood).OrderBy(f => f.Id)];

    /// <summary>Looks at the newest frames of earlier runs, so that the next ones are compared with them. To be called before frames come.</summary>
    public void LookBack()
    {
        foreach (var frame in bank.Cameras.SelectMany(camera => frames.Of(camera, bank.Product)).OrderBy(f => f.Id).TakeLast(Remembered))
        {
            try
            {
                using var image = ImageCodec.Read(frames.PathOf(frame));
                bank.Detector.Collected?.Add(image, ImageStatistics.Of(image));
            }
            catch (Exception e) when (e is ImageFormatException or IOException)
            {
                // It says nothing about the others; learning names it.
            }
        }
    }

    /// <summary>Makes the folder of the model, and deletes what a process that was killed has left there.</summary>
    /// <exception cref="IOException">The folder cannot be made or written.</exception>
    public void Prepare()
    {
        UserFiles.CreateFolder(Path.GetDirectoryName(bank.Options.Bank)!);
        // Whether it can be written shows at the start, not after an hour of collecting.
        UserFiles.WriteBytes(bank.Options.Bank + Unfinished, []);
        CleanUp();
    }

    /// <summary>Begins to learn, in the background.</summary>
    /// <param name="by">The sender of the command.</param>
    /// <returns>Completes when the model judges, or <see cref="Failure"/> says why it does not.</returns>
    /// <exception cref="UpdateRefusedException">There is a model, there are too few good parts, or a model is being learned.</exception>
    public Task Begin(string by)
    {
        var good = Good();
        if (!bank.Detector.IsCollecting)
            throw new UpdateRefusedException("there is a model already");
        if (good.Count < options.MinParts)
            throw new UpdateRefusedException($"want at least {options.MinParts} good parts (collect.min_parts), got {good.Count}");
        if (!oneAtATime.Wait(0, CancellationToken.None))
            throw new UpdateRefusedException("a model is being learned: try again when it is finished");
        (_failure, _progress) = (null, new LearningProgress("reading", 0, good.Count, good.Count));
        Changed?.Invoke();
        return Background.Run(() => Learn(good, by));
    }

    private bool Learn(IReadOnlyList<CollectedFrame> good, string by)
    {
        string? failure = null;
        var unfinished = bank.Options.Bank + Unfinished;
        try
        {
            var start = clock.GetTimestamp();
            LearnTo(unfinished, good);
            Report(new LearnProgress("signing", 0, 1));
            var manifest = Manifests.Sign(Manifests.Make(unfinished, "0.1.0", 0, null, stopping), trust.Own);
            Report(new LearnProgress("opening", 0, 1));
            var version = bank.Begin(unfinished, by, $"learned here from {good.Count} good parts");
            AtomicFile.Write(bank.Options.Bank + Manifests.Extension, Manifests.Bytes(manifest));
            LogLearned(version.ToString(), good.Count, clock.GetElapsedTime(start).TotalSeconds);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            failure = "the station was stopped";
        }
        catch (Exception e)
        {
            // Whatever is wrong with the pictures, the encoder or the disk: the station goes on collecting.
            failure = e.Message;
            LogFailed(bank.Options.Bank, e.Message);
        }
        finally
        {
            TryCleanUp();
            (_failure, _progress) = (bank.Detector.IsCollecting ? failure : null, null);
            oneAtATime.Release();
        }

        Changed?.Invoke();
        return failure is null;
    }

    private void LearnTo(string path, IReadOnlyList<CollectedFrame> good)
    {
        // The others' inspection has the machine's cores; where nothing is judged yet, half of them are free.
        var threads = bank.Options.Threads > 0 ? bank.Options.Threads : Math.Max(1, Environment.ProcessorCount / 2);
        using var encoder = Encoder.Open(bank.Options.Encoder ?? DefaultEncoder.Path(), options.Layers, threads, new OnnxDevice { Provider = Provider.Cpu });
        var request = new LearnRequest
        {
            Images = [.. good.Select(frames.PathOf)],
            Id = IdOf(bank.Options.Bank),
            Version = bank.Store.Banks.Trusted.GetValueOrDefault(IdOf(bank.Options.Bank)) + 1,
            Created = clock.GetUtcNow(),
            Options = new MrfAdOptions { Scales = options.Scales, MinSide = options.LeastSide, RowsPerBank = options.Rows },
            Alignment = options.Align ? new AlignmentOptions() : null,
            FalseAlarms = options.FalseAlarms,
            KeptBytes = KeptBytes,
            Threads = threads,
        };
        new BankLearner(encoder, clock).Learn(request, path, new Reporter(Report), stopping);
    }

    private void Report(LearnProgress step)
    {
        _progress = new LearningProgress(step.Stage, step.Done, step.Total, _progress?.Parts ?? 0);
        Changed?.Invoke();
    }

    /// <returns>The name of the model in verdicts: that of its file, in the characters that a signed manifest takes.</returns>
    private static string IdOf(string file)
    {
        const int MaxLength = 100;
        var name = string.Concat(Path.GetFileNameWithoutExtension(file).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_')).TrimStart('.', '-');
        return name.Length == 0 ? "part" : name[..Math.Min(name.Length, MaxLength)];
    }

    private void CleanUp()
    {
        UserFiles.Delete(bank.Options.Bank + Unfinished);
        UserFiles.Delete(bank.Options.Bank + Unfinished + Manifests.Extension);
    }

    private void TryCleanUp()
    {
        try
        {
            CleanUp();
        }
        catch (IOException e)
        {
            LogFailed(bank.Options.Bank, e.Message);
        }
    }

    /// <summary>Passes progress on at once, on the thread that reports it.</summary>
    private sealed class Reporter(Action<LearnProgress> report) : IProgress<LearnProgress>
    {
        public void Report(LearnProgress value) => report(value);
    }

    [LoggerMessage(341, LogLevel.Information, "{Bank} was learned from {Parts} good parts in {Seconds:0.0} s")]
    private partial void LogLearned(string bank, int parts, double seconds);

    [LoggerMessage(342, LogLevel.Error, "{Bank} was not learned: {Why}")]
    private partial void LogFailed(string bank, string why);
}
