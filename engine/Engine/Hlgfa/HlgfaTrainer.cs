using System.Text.Json;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Graphs;
using MrfAd.Platform;

namespace MrfAd.Engine.Hlgfa;

/// <summary>
/// Trains and calibrates a model on good images (sections 3.3 to 3.5): encodes all images once, trains on most of them, and holds the others out
/// to decide when to stop and to calibrate the threshold.
/// </summary>
/// <param name="encoderPath">The path of the frozen encoder.</param>
/// <param name="layers">The encoder's layers to align; null takes the default layers of its descriptor.</param>
/// <param name="clock">The clock that measures the training time.</param>
public sealed class HlgfaTrainer(string encoderPath, IReadOnlyList<string>? layers, TimeProvider clock)
{
    // Epochs between checkpoints: a stopped training loses at most this many.
    private const int EpochsBetweenCheckpoints = 5;

    /// <param name="path">The path of the model, which is written atomically. Until then a checkpoint lies beside it, from which a stopped training resumes.</param>
    /// <exception cref="LearnException">The images cannot be trained on, or the loss was not finite; the checkpoint of the last good epoch stays.</exception>
    /// <exception cref="OnnxModelException">The encoder cannot be used.</exception>
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    public HlgfaResult Train(HlgfaRequest request, string path, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var options = request.Options;
        var (start, cpu) = (clock.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var encoder = TwoViewEncoder.Open(encoderPath, layers, options.Ratio);
        var images = new TrainingImages(request, (w, h) => encoder.View(w, h, options.HighSide), progress, cancellation);
        var (width, height) = encoder.View(images.Size.Width, images.Size.Height, options.HighSide);
        var stages = encoder.Stages(width, height);
        var parameters = new HlgfaParameters(stages, options);
        var checkpoint = CheckpointOf(path);
        var settings = JsonSerializer.Serialize(new { options, encoder.Sha256, stages, images = images.Sha256 });
        var state = TrainingState.Read(checkpoint, settings, parameters.Count) ?? TrainingState.Begin(parameters.Initial(options.Seed));

        using var cache = Encode(encoder, stages, images, width, height, request, Path.GetDirectoryName(Path.GetFullPath(path))!, progress, cancellation);
        var spent = state.Progress;
        var (trained, stopped) = Run(
            new EpochTrainer(stages, options, parameters, cache, images.Trained, images.Count, request.Threads), state, options,
            s => s with { Progress = s.Progress with { Seconds = spent.Seconds + clock.GetElapsedTime(start).TotalSeconds, CpuSeconds = spent.CpuSeconds + (Environment.CpuUsage.TotalTime - cpu).TotalSeconds } },
            s => s.Write(checkpoint, settings), checkpoint, progress, cancellation);

        using var scorer = new HlgfaScorer(encoder, new TrainedModule(stages, options, width, height, trained.Best, cache.Normalisation), request.Threads, clock);
        var calibration = Calibrate(scorer, images, request, progress, cancellation);
        var description = new HlgfaDescription
        {
            Id = request.Id,
            Version = request.Version,
            Created = request.Created,
            EncoderId = encoder.Id,
            EncoderSha256 = encoder.Sha256,
            EncoderSettingsSha256 = encoder.SettingsSha256,
            Layers = [.. stages.Select(s => s.Layer)],
            Options = options,
            ImageWidth = images.Size.Width,
            ImageHeight = images.Size.Height,
            MaxImagePixels = options.MixedSizes ? images.MaxPixels : null,
            ViewWidth = width,
            ViewHeight = height,
            Stages = stages,
            Images = images.Count,
            TrainingSha256 = images.Sha256,
            Calibration = calibration,
            ReferenceStatistics = images.FinishStatistics(),
            Training = Training(trained.Progress, cache.Bytes, stopped),
        };
        HlgfaFile.Write(path, description, trained.Best, cache.Normalisation);
        UserFiles.Delete(checkpoint);
        return new HlgfaResult(description, new FileInfo(path).Length, images.Skipped) { Warnings = images.Warning is { } warning ? [warning] : [] };
    }

    /// <summary>Returns the path of the checkpoint of a model that is being trained.</summary>
    public static string CheckpointOf(string path) => $"{path}.checkpoint";

    private static FeatureCache Encode(
        TwoViewEncoder encoder, IReadOnlyList<HlgfaStage> stages, TrainingImages images, int width, int height, HlgfaRequest request, string folder, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var cache = new FeatureCache(encoder, stages, width, height, folder, request.Threads);
        try
        {
            for (var i = 0; i < images.Count; i++)
            {
                using var image = images.Read(i);
                cache.Add(image);
                for (var k = 1; k <= request.Options.NoisyVersions && i < images.Trained; k++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    using var noisy = NuisanceNoise.Apply(image, HashCode(request.Options.Seed, i, k));
                    cache.Add(noisy);
                }

                progress?.Report(new LearnProgress("encoding", i + 1, images.Count));
            }

            var versions = 1 + request.Options.NoisyVersions;
            cache.Normalisation = FeatureNormalisation.Of(cache, stages, Enumerable.Range(0, images.Trained).Select(i => i * versions));
            return cache;
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <returns>The state at the end; and, where training ended before the last epoch, a sentence that says why.</returns>
    private static (TrainingState State, string? Stopped) Run(
        EpochTrainer trainer, TrainingState state, HlgfaOptions options, Func<TrainingState, TrainingState> timed, Action<TrainingState> keep, string checkpoint, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        using (trainer)
        {
            while (state.Progress.Epochs < options.Epochs)
            {
                if (state.Progress.Epochs - state.Progress.BestEpoch >= options.Patience && state.Progress.BestEpoch > 0)
                {
                    progress?.Report(new LearnProgress("training", options.Epochs, options.Epochs));
                    return (state, $"no better loss on held-out images since epoch {state.Progress.BestEpoch}");
                }

                try
                {
                    state = timed(trainer.Next(state, cancellation));
                }
                catch (OperationCanceledException)
                {
                    keep(state);
                    throw;
                }
                catch (NotFiniteNumberException e)
                {
                    keep(state);
                    throw new LearnException($"{e.Message} in epoch {state.Progress.Epochs + 1}: training ends; {checkpoint} holds epoch {state.Progress.Epochs} (a lower --learning-rate may help)");
                }

                if (state.Progress.Epochs % EpochsBetweenCheckpoints == 0)
                    keep(state);
                progress?.Report(new LearnProgress("training", state.Progress.Epochs, options.Epochs));
            }

            return (state, null);
        }
    }

    private static Calibration Calibrate(HlgfaScorer scorer, TrainingImages images, HlgfaRequest request, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var calibrator = new Calibrator();
        for (var i = images.Trained; i < images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var image = images.Read(i);
            calibrator.Add(scorer.Score(image));
            progress?.Report(new LearnProgress("calibrating", i + 1 - images.Trained, images.Count - images.Trained));
        }

        return calibrator.Finish(request.FalseAlarms, request.Rule);
    }

    private static HlgfaTraining Training(TrainingProgress p, long cacheBytes, string? stopped)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return new HlgfaTraining(p.Epochs, p.BestEpoch, p.BestLoss, p.Losses, Math.Round(p.Seconds, 1), Math.Round(p.CpuSeconds, 1), process.PeakWorkingSet64, cacheBytes, stopped);
    }

    // Not System.HashCode, which differs from run to run.
    private static int HashCode(int seed, int image, int version) => unchecked((((seed * 7919) + image) * 104_729) + version);
}
