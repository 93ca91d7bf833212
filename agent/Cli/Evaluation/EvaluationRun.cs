using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Images;
using MrfAd.Platform;

namespace MrfAd.Cli.Evaluation;

/// <summary>
/// Evaluates a method in one pass over the images of each object. The maps of each image are written as soon as they are known, and all
/// figures are computed from the files. So a stopped run resumes where it was, and ends with the same figures.
/// </summary>
/// <param name="trainer">Trains the method; null if maps of another program are evaluated.</param>
public sealed class EvaluationRun(EvaluationRequest request, ITrainer? trainer, IProgress<LearnProgress>? progress, CancellationToken cancellation)
{
    private readonly StoredMaps _stored = new(Path.Combine(request.Folder, "maps"));

    /// <summary>The store of the maps that are evaluated.</summary>
    public IMapStore Store => request.ForeignMaps is { } folder ? new ForeignMaps(folder) : _stored;

    /// <exception cref="UsageException">The run's folder holds a run with other settings or images.</exception>
    /// <exception cref="LearnException">No object could be learned.</exception>
    public RunResult Run()
    {
        var results = new List<ObjectResult>();
        var failures = new List<string>();
        foreach (var set in request.Objects)
        {
            try
            {
                results.Add(Evaluate(set));
            }
            catch (LearnException e)
            {
                failures.Add($"{set.Name}: {e.Message}");
            }
        }

        if (results.Count == 0)
            throw new LearnException(string.Join('\n', failures));
        return new RunResult(RunResult.CurrentFormat, trainer?.Method ?? "maps of another program", [.. request.Parameters, .. trainer?.Parameters ?? []], results, failures);
    }

    private ObjectResult Evaluate(DatasetObject set)
    {
        var problems = new List<string>();
        var hash = HashOf(set);
        var learned = trainer is null ? new Learned(ForeignMaps.Names, null, [], []) : Score(set, hash, problems);
        problems.AddRange(learned.Skipped);
        var result = new ObjectJudge(set, Store, learned, request.Threshold, progress, cancellation).Judge(problems);
        if (request.BenchmarkFolder is { } folder)
            WriteBenchmarkMaps(set, learned, folder, result.Fused.PixelThreshold, problems);
        return result with { Parameters = [.. learned.Parameters, new("images", $"{set.Layout}, sha256 of names, images and masks {hash}"), .. result.Parameters] };
    }

    /// <summary>Scores the images that have no stored maps yet.</summary>
    private Learned Score(DatasetObject set, string hash, List<string> problems)
    {
        var folder = Path.Combine(request.Folder, "learned", set.Name);
        var learnedFile = Path.Combine(request.Folder, "learned", $"{set.Name}.json");
        CheckSettings(Path.Combine(request.Folder, "learned", $"{set.Name}.settings.json"), JsonSerializer.Serialize(new { settings = trainer!.Settings, images = hash }));
        var learned = File.Exists(learnedFile) ? JsonSerializer.Deserialize<Learned>(UserFiles.ReadBytes(learnedFile), JsonOutput.Options) : null;
        var limits = new Lazy<ImageLimits>(() => request.Limits([.. set.Train, .. set.HeldOut.Concat(set.Test).Select(i => i.Path)]));
        IMethod? method = null;
        try
        {
            if (learned is null)
            {
                learned = Learn().Learned;
                AtomicFile.Write(learnedFile, JsonSerializer.SerializeToUtf8Bytes(learned, JsonOutput.Options));
            }

            IReadOnlyList<DatasetImage> images = [.. set.HeldOut, .. set.Test.Where(i => i.Defective is not null || request.BenchmarkFolder is not null)];
            foreach (var (image, i) in images.Select((image, i) => (image, i)))
            {
                cancellation.ThrowIfCancellationRequested();
                if (!_stored.Has(image))
                    ScoreOne(image, limits.Value, Learn, problems);
                progress?.Report(new LearnProgress($"{set.Name}: scoring", i + 1, images.Count));
            }
        }
        finally
        {
            method?.Dispose();
        }

        if (!request.KeepLearned && Directory.Exists(folder))
            UserFiles.DeleteFolder(folder);
        return learned;

        IMethod Learn()
        {
            UserFiles.CreateFolder(folder);
            return method ??= trainer.Learn(set, folder, new Named(set.Name, progress), cancellation);
        }
    }

    private void ScoreOne(DatasetImage image, ImageLimits limits, Func<IMethod> method, List<string> problems)
    {
        try
        {
            using var pixels = ReadImage(image, limits);
            _stored.Write(image, method().Maps, method().Score(pixels));
        }
        catch (ImageFormatException e)
        {
            problems.Add(e.Message.Contains(image.Path, StringComparison.Ordinal) ? e.Message : $"{image.Path}: {e.Message}");
        }
    }

    private static Image ReadImage(DatasetImage image, ImageLimits limits)
    {
        try
        {
            return ImageCodec.Read(image.Path, limits);
        }
        catch (IOException e)
        {
            throw new ImageFormatException($"{image.Path}: cannot be read: {e.Message}");
        }
    }

    private void WriteBenchmarkMaps(DatasetObject set, Learned learned, string folder, double? threshold, List<string> problems)
    {
        foreach (var (image, i) in set.Test.Select((image, i) => (image, i)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!_stored.Has(image))
                continue; // it was reported when it could not be read
            using var maps = new VariantMaps(_stored, learned.Maps, [(image, Engine.Metrics.MaskRegions.None(1, 1))]);
            try
            {
                BenchmarkMaps.Write(folder, image, maps.Map(0), threshold);
            }
            catch (PathTooLongException)
            {
                problems.Add($"{image.Path}: its name is too long for a map of the benchmark, which wants the same name");
            }
            catch (DatasetException e)
            {
                // A problem with a labelled image has been reported already.
                if (!problems.Contains(e.Message))
                    problems.Add(e.Message);
            }

            progress?.Report(new LearnProgress($"{set.Name}: writing maps", i + 1, set.Test.Count));
        }
    }

    private static void CheckSettings(string path, string settings)
    {
        if (!File.Exists(path))
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(settings));
        else if (UserFiles.ReadText(path) != settings)
            throw new UsageException($"{path} says that this folder holds a run with other settings or images: name another folder with --out, or discard it with --restart");
    }

    /// <returns>SHA-256 over the names and contents of all files, in hex.</returns>
    private string HashOf(DatasetObject set)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] files = [.. set.Train, .. set.HeldOut.Concat(set.Test).SelectMany(i => new[] { i.Path, i.Mask }).OfType<string>().Where(File.Exists)];
        for (var i = 0; i < files.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            all.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(files[i])));
            all.AppendData(ContentHash(files[i]));
            progress?.Report(new LearnProgress($"{set.Name}: hashing", i + 1, files.Length));
        }

        return Convert.ToHexStringLower(all.GetHashAndReset());
    }

    /// <returns>The hash of a file's content; none for one that cannot be read, which is reported when its turn comes.</returns>
    private static byte[] ContentHash(string path)
    {
        try
        {
            using var file = UserFiles.OpenRead(path);
            return SHA256.HashData(file);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private sealed class Named(string name, IProgress<LearnProgress>? to) : IProgress<LearnProgress>
    {
        public void Report(LearnProgress value) => to?.Report(value with { Stage = $"{name}: {value.Stage}" });
    }
}
