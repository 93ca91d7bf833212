using System.Diagnostics;
using MrfAd.Engine.Features;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Search;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Benchmarks.Gpu;

/// <summary>
/// Processes frames from resized views to the fused map, as the inspector does: encode, search where the features are, fuse. The banks
/// consist of the image's own features with noise.
/// </summary>
internal sealed class FrameRun : IDisposable
{
    // In standard deviations of a layer: rows are about as far from the features as those of another good part.
    private const float Noise = 0.5f;

    private readonly string _encoder;
    private readonly IReadOnlyList<(View View, Image Pixels)> _views;
    private readonly (int Width, int Height) _image;
    private readonly int _threads;
    private readonly SearchScratch _scratch;
    private readonly List<Unmanaged> _memory = [];
    private readonly List<ExactSearch> _banks = [];
    private readonly List<(int Width, int Height)> _grids = [];

    public FrameRun(string encoder, IReadOnlyList<(View View, Image Pixels)> views, (int Width, int Height) image, int rows, int threads)
    {
        (_encoder, _views, _image, Rows, _threads) = (encoder, views, image, rows, threads);
        _scratch = new SearchScratch(threads);
        using var opened = Encoder.Open(encoder, null, threads);
        foreach (var (view, pixels) in views)
        {
            using var extractor = opened.CreateExtractor(view.Width, view.Height);
            extractor.Extract(pixels);
            for (var l = 0; l < opened.Layers.Count; l++)
                Add(extractor.Layer(l));
        }
    }

    public int Rows { get; }

    public int Banks => _banks.Count;

    /// <returns>The median times in milliseconds, the device that searched, and the last map.</returns>
    public (double Features, double Search, double Fuse, string SearchedOn, float[] Map) Measure(OnnxDevice device, int repetitions)
    {
        using var encoder = Encoder.Open(_encoder, null, _threads, device);
        var (opened, searches, searchedOn) = Searches(device);
        var onDevice = opened is null ? null : encoder.Layers.Select(_ => true).ToList();
        var extractors = _views.Select(v => encoder.CreateExtractor(v.View.Width, v.View.Height, onDevice)).ToList();
        try
        {
            var fusion = new MapFusion(_grids, _image.Width, _image.Height);
            var maps = _grids.Select(g => new float[g.Width * g.Height]).ToArray();
            var nearest = maps.Select(m => new int[m.Length]).ToArray();
            var times = new List<(double Features, double Search, double Fuse)>();
            for (var repetition = 0; repetition < repetitions + 2; repetition++)
            {
                var start = Stopwatch.GetTimestamp();
                for (var v = 0; v < extractors.Count; v++)
                    extractors[v].Extract(_views[v].Pixels);
                var extracted = Stopwatch.GetTimestamp();
                for (var b = 0; b < maps.Length; b++)
                {
                    Array.Fill(nearest[b], -1); // no guess from the previous frame
                    Find(searches[b], extractors[b / encoder.Layers.Count].Layer(b % encoder.Layers.Count), maps[b], nearest[b]);
                }

                var searched = Stopwatch.GetTimestamp();
                fusion.Fuse(maps);
                times.Add((Stopwatch.GetElapsedTime(start, extracted).TotalMilliseconds, Stopwatch.GetElapsedTime(extracted, searched).TotalMilliseconds, Stopwatch.GetElapsedTime(searched).TotalMilliseconds));
            }

            times.RemoveRange(0, 2); // warm-up
            return (Median(times.Select(t => t.Features)), Median(times.Select(t => t.Search)), Median(times.Select(t => t.Fuse)), searchedOn, fusion.Result.Scores.ToArray());
        }
        finally
        {
            extractors.ForEach(e => e.Dispose());
            foreach (var search in searches.OfType<DeviceSearch>())
                search.Dispose();
            opened?.Dispose();
        }
    }

    public void Dispose()
    {
        _banks.ForEach(b => b.Dispose());
        _memory.ForEach(m => m.Dispose());
        _scratch.Dispose();
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private void Find(IRowSearch search, PatchFeatures features, float[] distances, int[] nearest)
    {
        if (search is DeviceSearch there && features.OnDevice is { } tensor)
            there.Search(tensor, features.Layout, features.Prefix, [], distances, nearest);
        else
            search.Search(features.Values, features.Layout, distances, nearest, _scratch);
    }

    private (SearchDevice? Opened, IReadOnlyList<IRowSearch> Searches, string On) Searches(OnnxDevice device)
    {
        if (device.Provider == Provider.Cpu)
            return (null, _banks, "cpu");
        SearchDevice? opened = null;
        var made = new List<IRowSearch>();
        try
        {
            opened = SearchDevice.Open(device);
            foreach (var bank in _banks)
            {
                made.Add(new DeviceSearch(opened, bank));
                ((DeviceSearch)made[^1]).Check();
            }

            return (opened, made, "cuda");
        }
        catch (OnnxModelException e)
        {
            foreach (var search in made.OfType<DeviceSearch>())
                search.Dispose();
            opened?.Dispose();
            return (null, _banks, $"cpu ({e.Message})");
        }
    }

    private unsafe void Add(PatchFeatures features)
    {
        var (random, dimension) = (new Random(_banks.Count + 1), features.Dimension);
        double sum = 0, squares = 0;
        foreach (var value in features.Values)
            (sum, squares) = (sum + value, squares + ((double)value * value));
        var count = features.Values.Length;
        var noise = Noise * (float)Math.Sqrt(Math.Max(0, (squares / count) - (sum / count * sum / count)));
        _memory.Add(new Unmanaged((long)Rows * dimension * sizeof(float)));
        var values = (float*)_memory[^1].Start;
        for (var row = 0; row < Rows; row++)
        {
            var target = new Span<float>(values + ((long)row * dimension), dimension);
            features.CopyPatch(random.Next(features.Count), target);
            foreach (ref var value in target)
                value += noise * ((2 * random.NextSingle()) - 1);
        }

        _banks.Add(ExactSearch.Over(new BankRows(values, null, RowPrecision.Fp32, Rows, dimension)));
        _grids.Add((features.Width, features.Height));
    }
}
