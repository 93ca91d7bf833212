using MrfAd.Engine.Alignment;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Metrics;

namespace MrfAd.Cli.Evaluation;

/// <summary>The maps of one variant over a set of images. Each is fused from the store on demand, so that only the maps in use are in memory.</summary>
/// <param name="names">Names of the variant's maps.</param>
/// <param name="images">The images, each with the regions of its mask.</param>
public sealed class VariantMaps(IMapStore store, IReadOnlyList<MapName> names, IReadOnlyList<(DatasetImage Image, MaskRegions Regions)> images) : IPixelMaps, IDisposable
{
    private readonly ThreadLocal<Fuser> _fusers = new(() => new Fuser());

    public int Count => images.Count;

    public MaskRegions Regions(int image) => images[image].Regions;

    public ReadOnlySpan<float> Read(int image) => Map(image).Scores;

    /// <returns>The fused map at the image's size; valid until this thread's next call.</returns>
    public AnomalyMap Map(int image) => _fusers.Value!.Fuse(store.Read(images[image].Image, names));

    public void Dispose() => _fusers.Dispose();

    /// <summary>Caches the fusion for the last sizes.</summary>
    private sealed class Fuser
    {
        private (int Width, int Height)[] _sizes = [];
        private MapFusion? _fusion;
        private AnomalyMap? _seen;

        public AnomalyMap Fuse(ScoredImage scored)
        {
            if (scored.ToFrame is null && scored.Maps is [var whole] && whole.Width == scored.Width && whole.Height == scored.Height)
                return new AnomalyMap(whole.Width, whole.Height, whole.Scores);
            (int, int)[] sizes = [.. scored.Maps.Select(m => (m.Width, m.Height))];
            if (_fusion is null || _fusion.Result.Width != scored.Width || _fusion.Result.Height != scored.Height || !sizes.SequenceEqual(_sizes))
            {
                _sizes = sizes;
                _fusion = new MapFusion(sizes, scored.Width, scored.Height, parallel: false);
            }

            var map = _fusion.Fuse([.. scored.Maps.Select(m => m.Scores)]);
            if (scored.ToFrame is not { } toFrame)
                return map;
            if (_seen is null || _seen.Width != map.Width || _seen.Height != map.Height)
                _seen = new AnomalyMap(map.Width, map.Height);
            ImageAligner.ToFrame(map.Scores, _seen.Scores, map.Width, map.Height, toFrame);
            return _seen;
        }
    }
}
