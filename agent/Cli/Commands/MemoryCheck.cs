using MrfAd.Engine.Verdicts;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary>Checks whether the station's memory budget has room for its models and frames.</summary>
internal static class MemoryCheck
{
    // Three for the frame, three for its heatmap.
    private const int BytesPerPixel = 6;

    /// <param name="learned">The size of the images that each detector learned, as far as it is known.</param>
    /// <returns>A sentence with the sizes.</returns>
    /// <exception cref="IOException">The models, or a frame of each camera, do not fit into the budget.</exception>
    public static string Run(StationOptions options, IReadOnlyDictionary<DetectorOptions, LearnedSize?> learned)
    {
        var detectors = ConfiguredDetector.Of(options);
        var models = detectors.Select(d => d.Detector).Distinct().Select(d => new FileInfo(d.Bank)).Sum(file => file.Exists ? file.Length : 0);
        var frames = options.Cameras.Select(c => detectors.Where(d => d.Cameras.Contains(c.Name)).Max(d => FrameBytes(learned.GetValueOrDefault(d.Detector)))).ToList();
        var all = options.Cameras.Zip(frames, (camera, bytes) => (camera.QueueLength + 1) * bytes).Sum();
        var text = FormattableString.Invariant($"models {models / 1e6:0.#} MB, frames up to {all / 1e6:0.#} MB, of {options.Memory.BudgetBytes() / 1e6:0} MB (memory.budget_mb)");
        return models + frames.Sum() <= options.Memory.BudgetBytes() ? text : throw new IOException($"the models and a frame of each camera do not fit: {text}");
    }

    private static long FrameBytes(LearnedSize? learned) => learned is null ? 0 : BytesPerPixel * (learned.MaxPixels ?? (long)learned.Width * learned.Height);
}
