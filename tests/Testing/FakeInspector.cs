using System.Collections.Concurrent;
using MrfAd.Engine.Alignment;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Testing;

/// <summary>A detector without a network: the score is the first pixel's brightness, the threshold is 100, parts are 32x24 unless told otherwise.</summary>
public sealed class FakeInspector : IInspector
{
    /// <summary>Called inside each inspection, before it returns.</summary>
    public Action Inspecting { get; init; } = () => { };

    /// <summary>Called inside each call of <see cref="MakeExact"/>, before it returns: a heatmap is being drawn.</summary>
    public Action Drawing { get; init; } = () => { };

    /// <summary>The place of the part in every frame; null where frames are not aligned.</summary>
    public AlignmentResult? Alignment { get; init; }

    /// <summary>True to say that the maps hold bounds.</summary>
    public bool IsBounded { get; init; }

    /// <summary>The limits of all calls of <see cref="MakeExact"/>.</summary>
    public ConcurrentQueue<float> MadeExact { get; } = new();

    public int Width { get; init; } = 32;

    public int Height { get; init; } = 24;

    private readonly RegionRasters _rasters = new();

    public bool IsDisposed { get; private set; }

    public InspectorInfo Info { get; init; } = new("fake", 1, new string('a', 64), "first-pixel", new string('b', 64), 100, new HeatmapScale(0, 200));

    public Inspection Inspect(Image image, float? threshold = null, PartRegions? regions = null)
    {
        Inspecting();
        if (image.Width != Width || image.Height != Height)
            throw new ImageMismatchException($"want {Width}x{Height}, got {image}");
        var (score, map) = (image.Bytes[0], new AnomalyMap(Width, Height));
        map.Scores.Fill(score);
        var labels = _rasters.Of(regions ?? Info.Regions, image);
        var (highest, defects) = MapJudge.Judge(map, threshold ?? 100, labels, labels is null ? [] : labels.Labels);
        var times = new StageTimes(TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(1));
        return new Inspection(highest, threshold ?? Info.Threshold, 0.5, defects, map, times) { Alignment = Alignment, IsBounded = IsBounded, RegionsSha256 = labels?.Sha256 };
    }

    public void MakeExact(float from)
    {
        MadeExact.Enqueue(from);
        Drawing();
    }

    public void Dispose() => IsDisposed = true;
}
