using System.Globalization;
using MrfAd.Cli.Demo.Line;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary>
/// Measures the speed and memory of this device: learns a small bank of generated parts at the profile's scales and judges a few frames.
/// The time of a search is proportional to the bank's size, so it is extrapolated to the bank that <c>learn</c> would make of enough parts.
/// </summary>
/// <param name="detector">Supplies the encoder, the provider and the number of threads.</param>
/// <param name="width">Width of the images in pixels.</param>
/// <param name="height">Height of the images in pixels.</param>
public sealed class DeviceCheck(DeviceProfile profile, DetectorOptions detector, int width, int height, TimeProvider clock)
{
    private const int Parts = 6;
    private const int Frames = 20;
    private const int FramesOfView = 5;
    private const double Mega = 1e6;

    private readonly int _threads = detector.Threads > 0 ? detector.Threads : Environment.ProcessorCount;
    private readonly OnnxDevice _device = new() { Provider = detector.Provider, Report = text => Console.Error.WriteLine($"mrfad: {text}") };

    /// <exception cref="OnnxModelException">The encoder cannot be loaded or run.</exception>
    public IEnumerable<CheckResult> Run()
    {
        var nvidia = NvidiaDevice.Read();
        yield return new CheckResult("device", true, FormattableString.Invariant(
            $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Mega:0} MB of memory, GPU {nvidia.Gpu}, TensorRT {nvidia.TensorRt}"), 0);
        var runtime = RuntimeCheck.Run([detector.Provider]).ToList();
        foreach (var result in runtime)
            yield return result;
        if (!runtime[0].Ok)
            yield break; // without ONNX Runtime there is nothing to measure

        var folder = UserFiles.Access(Path.GetTempPath(), () => Directory.CreateTempSubdirectory("mrfad-device-"));
        try
        {
            var path = detector.Encoder ?? DefaultEncoder.Path();
            var images = WriteParts(folder.FullName);
            var bank = Path.Combine(folder.FullName, "device.mrfbank");
            var views = Learn(path, images, bank);
            foreach (var view in views)
                yield return view;
            ResetPeakMemory();
            using var inspector = MrfAdInspector.Open(path, bank, _threads, clock, null, _device);
            inspector.Prepare(_device.Report ?? (_ => { }));
            var times = Judge(inspector, images);
            yield return Placement(inspector.Info);
            var (measured, real) = Sizes(bank);
            var frame = Frame(times, measured, real);
            yield return frame;
            yield return Memory(measured, real);
            if (detector.Encoder is null)
                yield return StrongerEncoder.Estimate(profile, _device, _threads, width, height, Math.Max(0, profile.FrameMs - frame.Ms + Median(times.Select(t => t.Features.TotalMilliseconds))), clock);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private List<string> WriteParts(string folder)
    {
        new PartLine(Parts, Good: 0, OfEachKind: 0, Seed: 1).Write(folder, () => { }, CancellationToken.None);
        var paths = UserFiles.Files(Path.Combine(folder, "train/good")).Order(StringComparer.Ordinal).ToList();
        foreach (var path in paths)
        {
            using var part = ImageCodec.Read(path);
            using var sized = ImageResize.Resize(part, width, height);
            UserFiles.WriteBytes(path, ImageCodec.Encode(sized, ImageFormat.Png));
        }

        return paths;
    }

    /// <returns>The median time of the encoder for each view.</returns>
    private List<CheckResult> Learn(string path, List<string> images, string bank)
    {
        using var encoder = Encoder.Open(path, null, _threads, _device);
        var options = new MrfAdOptions { Scales = profile.Scales, Precision = profile.RowPrecision };
        var request = new LearnRequest { Images = images, Id = "device", Created = clock.GetUtcNow(), Options = options, Folds = 2, Threads = _threads };
        var learned = new BankLearner(encoder, clock).Learn(request, bank, null, CancellationToken.None);
        using var image = ImageCodec.Read(images[0]);
        return [.. learned.Description.Views.Select(view => Measured(encoder, view, image))];
    }

    /// <returns>Size in MB of the measured bank, and of the one that learn would make of enough parts within the profile's budget.</returns>
    private (double Measured, double Real) Sizes(string bank)
    {
        using var file = BankFile.Open(bank);
        var measured = new FileInfo(bank).Length / Mega;
        var rows = file.BranchNames.Sum(name => (double)file.Size(name).Rows);
        return (measured, Math.Min(profile.BankMb, measured * file.BranchNames.Count * new MrfAdOptions().RowsPerBank!.Value / rows));
    }

    private CheckResult Measured(Encoder encoder, View view, Image image)
    {
        using var extractor = encoder.CreateExtractor(view.Width, view.Height);
        var times = Enumerable.Range(0, FramesOfView + 1).Select(_ =>
        {
            var start = clock.GetTimestamp();
            extractor.Extract(image);
            return clock.GetElapsedTime(start).TotalMilliseconds;
        }).ToList();
        var median = Median(times.Skip(1));
        return new CheckResult(FormattableString.Invariant($"view {view.Scale}"), true, FormattableString.Invariant($"{view.Height}x{view.Width}: {median:0} ms of the encoder {encoder.Id}"), median);
    }

    private static List<StageTimes> Judge(MrfAdInspector inspector, List<string> images)
    {
        var times = new List<StageTimes>();
        for (var i = 0; i <= Frames; i++)
        {
            using var image = ImageCodec.Read(images[i % images.Count]);
            var inspection = inspector.Inspect(image);
            if (i > 0) // the first inspection warms up
                times.Add(inspection.Times);
        }

        return times;
    }

    private static CheckResult Placement(InspectorInfo info)
    {
        var fallen = info.Graphs.FirstOrDefault(g => g.FellBack);
        var graph = fallen ?? info.Graphs[0];
        var refused = graph.Refusals.Count == 0 ? "" : $": {string.Join("; ", graph.Refusals)}";
        return new CheckResult("encoder", fallen is null, $"{info.EncoderId} on {graph.Running.ToText()}, {graph.Requested.ToText()} was asked for{refused}", 0);
    }

    private CheckResult Frame(List<StageTimes> times, double measured, double real)
    {
        var (features, search, fuse) = (Median(times.Select(t => t.Features.TotalMilliseconds)), Median(times.Select(t => t.Search.TotalMilliseconds)), Median(times.Select(t => t.Fuse.TotalMilliseconds)));
        var expected = search * real / measured;
        var frames = new LatencySummary(times.Select(t => t.Features.TotalMilliseconds + (t.Search.TotalMilliseconds * real / measured) + t.Fuse.TotalMilliseconds));
        var whole = frames.P50;
        var advice = whole <= profile.FrameMs
            ? $"learn with --scales {string.Join(',', profile.Scales.Select(s => s.ToString(CultureInfo.InvariantCulture)))} --precision {MetricLabel.Of(profile.RowPrecision)} --budget {profile.BankMb}MB"
            : features > profile.FrameMs ? "too much: fewer or smaller scales, or a smaller encoder" : "too much: a smaller bank";
        return new CheckResult("frame", whole <= profile.FrameMs, FormattableString.Invariant(
            $"{height}x{width}: {whole:0} ms with a bank of {real:0} MB, want at most {profile.FrameMs}: features {features:0}, search {expected:0} ({search:0} in {measured:0} MB), fuse {fuse:0}; {frames.Claim(profile.FrameMs)}; {advice}"), whole);
    }

    private CheckResult Memory(double measured, double real)
    {
        var peak = PeakMemory() / Mega;
        var whole = peak - measured + real;
        return new CheckResult("memory", whole <= profile.MemoryMb, FormattableString.Invariant(
            $"{whole:0} MB with a bank of {real:0} MB, want at most {profile.MemoryMb}: {peak:0} at the most while judging with one of {measured:0}{(whole <= profile.MemoryMb ? "" : "; too much: fewer or smaller scales, or a smaller encoder")}"), 0);
    }

    /// <summary>Resets the kernel's peak of resident memory, so that it does not include learning.</summary>
    private static void ResetPeakMemory()
    {
        GC.Collect();
        try
        {
            UserFiles.WriteText("/proc/self/clear_refs", "5");
        }
        catch (IOException)
        {
            // Without permission to reset it, the peak includes learning and is an upper bound.
        }
    }

    /// <returns>The peak of resident memory in bytes.</returns>
    private static double PeakMemory()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024.0 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static double Median(IEnumerable<double> values) => new LatencySummary(values).P50;
}
