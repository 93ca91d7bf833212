using System.Numerics;
using System.Runtime.InteropServices;

namespace MrfAd.Engine.Fusion;

/// <summary>
/// Eq. 6: each score map is brought to [H, W] by bilinear interpolation and the mean of all is taken. Pixel centres lie at i + 0.5
/// (half-pixel centres, no corner alignment; edges are held), as in the papers' framework's default for bilinear upsampling.
/// An object is for one set of map sizes and is not thread-safe.
/// </summary>
public sealed class MapFusion
{
    // The number of rows of the result that one worker computes at a time.
    private const int BandRows = 32;

    private readonly Axis[] _columns;
    private readonly Axis[] _rows;
    private readonly int[] _mapWidths;
    private readonly Action<int> _fuseBand;
    private readonly bool _parallel;
    private IReadOnlyList<float[]> _maps = [];

    /// <param name="maps">Width and height of each map S_{l,s}.</param>
    /// <param name="parallel">True to use all cores; false where the caller works on many images at once.</param>
    public MapFusion(IReadOnlyList<(int Width, int Height)> maps, int width, int height, bool parallel = true)
    {
        _parallel = parallel;
        Result = new AnomalyMap(width, height);
        _columns = [.. maps.Select(m => new Axis(m.Width, width))];
        _rows = [.. maps.Select(m => new Axis(m.Height, height))];
        _mapWidths = [.. maps.Select(m => m.Width)];
        _fuseBand = FuseBand;
    }

    /// <summary>The map S [H, W], overwritten by each <see cref="Fuse"/>.</summary>
    public AnomalyMap Result { get; }

    /// <param name="maps">The scores of each map [h·w], in the order given to the constructor.</param>
    /// <returns><see cref="Result"/>.</returns>
    public AnomalyMap Fuse(IReadOnlyList<float[]> maps)
    {
        _maps = maps;
        var bands = (Result.Height + BandRows - 1) / BandRows;
        if (_parallel)
        {
            Parallel.For(0, bands, _fuseBand);
            return Result;
        }

        for (var band = 0; band < bands; band++)
            FuseBand(band);
        return Result;
    }

    private void FuseBand(int band)
    {
        var widest = _mapWidths.Max();
        Span<float> mixed = widest <= 2048 ? stackalloc float[widest] : new float[widest];
        var end = Math.Min(Result.Height, (band + 1) * BandRows);
        for (var y = band * BandRows; y < end; y++)
        {
            var row = Result.Row(y);
            row.Clear();
            for (var m = 0; m < _maps.Count; m++)
            {
                var w = _mapWidths[m];
                var (y0, y1, t) = _rows[m].At(y);
                ReadOnlySpan<float> map = _maps[m];
                Mix(map.Slice(y0 * w, w), map.Slice(y1 * w, w), t, mixed[..w]);
                _columns[m].AddTo(row, mixed[..w]);
            }

            Scale(row, 1f / _maps.Count);
        }
    }

    private static void Mix(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float t, Span<float> result)
    {
        for (var i = 0; i < result.Length; i++)
            result[i] = a[i] + (t * (b[i] - a[i]));
    }

    private static void Scale(Span<float> row, float factor)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        foreach (ref var v in vectors)
            v *= factor;
        for (var i = vectors.Length * Vector<float>.Count; i < row.Length; i++)
            row[i] *= factor;
    }

    /// <summary>The interpolation along one axis: the position of each output among n inputs.</summary>
    private sealed class Axis
    {
        private readonly int[] _below;
        private readonly float[] _t;
        private readonly int _last;

        public Axis(int inputs, int outputs)
        {
            _last = inputs - 1;
            _below = new int[outputs];
            _t = new float[outputs];
            for (var i = 0; i < outputs; i++)
            {
                var at = Math.Clamp((((i + 0.5) * inputs) / outputs) - 0.5, 0, _last);
                _below[i] = (int)at;
                _t[i] = (float)(at - _below[i]);
            }
        }

        public (int Below, int Above, float T) At(int i) => (_below[i], Math.Min(_below[i] + 1, _last), _t[i]);

        /// <summary>Adds the inputs, interpolated to each output position, to <paramref name="row"/>.</summary>
        public void AddTo(Span<float> row, ReadOnlySpan<float> inputs)
        {
            var below = _below.AsSpan(0, row.Length);
            var t = _t.AsSpan(0, row.Length);
            for (var i = 0; i < row.Length; i++)
            {
                var a = inputs[below[i]];
                row[i] += a + (t[i] * (inputs[Math.Min(below[i] + 1, _last)] - a));
            }
        }
    }
}
