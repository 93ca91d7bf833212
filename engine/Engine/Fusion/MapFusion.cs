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

    // The widest row that is kept on the stack.
    private const int MaxOnStack = 2048;

    private readonly Axis[] _columns;
    private readonly Axis[] _rows;
    private readonly int[] _mapWidths;
    private readonly int _widest;
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
        _widest = _mapWidths.Max();
        _fuseBand = FuseBand;
    }

    /// <summary>The map S [H, W], overwritten by each <see cref="Fuse"/>.</summary>
    public AnomalyMap Result { get; }

    /// <summary>The factor of each map in the mean, > 0; null where all count alike (eq. 6).</summary>
    public IReadOnlyList<float>? Weights { get; set; }

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

    /// <summary>Computes again some pixels of <see cref="Result"/> after scores of the maps have changed.</summary>
    /// <param name="pixels">The pixels of one row.</param>
    /// <returns>The new scores, with the bits that <see cref="Fuse"/> gives.</returns>
    public Span<float> Update(PixelRun pixels)
    {
        Span<float> mixed = _widest <= MaxOnStack ? stackalloc float[_widest] : new float[_widest];
        FuseRow(pixels.Y, pixels.X0, pixels.X1, mixed);
        return Result.Row(pixels.Y)[pixels.X0..pixels.X1];
    }

    /// <returns>The scores of map <paramref name="map"/> from which these pixels are interpolated, as a range of rows and one of columns.</returns>
    public (Range Rows, Range Columns) SourceOf(int map, PixelRun pixels)
    {
        var (rows, columns) = (_rows[map].At(pixels.Y), _columns[map]);
        return (rows.Below..(rows.Above + 1), columns.At(pixels.X0).Below..(columns.At(pixels.X1 - 1).Above + 1));
    }

    private void FuseBand(int band)
    {
        Span<float> mixed = _widest <= MaxOnStack ? stackalloc float[_widest] : new float[_widest];
        var end = Math.Min(Result.Height, (band + 1) * BandRows);
        for (var y = band * BandRows; y < end; y++)
            FuseRow(y, 0, Result.Width, mixed);
    }

    /// <param name="mixed">A buffer for a row of the widest map.</param>
    private void FuseRow(int y, int x0, int x1, Span<float> mixed)
    {
        var row = Result.Row(y)[x0..x1];
        row.Clear();
        for (var m = 0; m < _maps.Count; m++)
        {
            var w = _mapWidths[m];
            var (y0, y1, t) = _rows[m].At(y);
            var (first, last) = (_columns[m].At(x0).Below, _columns[m].At(x1 - 1).Above);
            ReadOnlySpan<float> map = _maps[m];
            Mix(map.Slice((y0 * w) + first, last - first + 1), map.Slice((y1 * w) + first, last - first + 1), t, mixed[first..]);
            if (Weights is not null)
                Scale(mixed.Slice(first, last - first + 1), Weights[m]);
            _columns[m].AddTo(row, mixed, x0);
        }

        Scale(row, 1f / _maps.Count);
    }

    private static void Mix(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float t, Span<float> result)
    {
        for (var i = 0; i < a.Length; i++)
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

        /// <summary>Adds the inputs, interpolated to each output position from <paramref name="first"/> on, to <paramref name="row"/>.</summary>
        public void AddTo(Span<float> row, ReadOnlySpan<float> inputs, int first)
        {
            var below = _below.AsSpan(first, row.Length);
            var t = _t.AsSpan(first, row.Length);
            for (var i = 0; i < row.Length; i++)
            {
                var a = inputs[below[i]];
                row[i] += a + (t[i] * (inputs[Math.Min(below[i] + 1, _last)] - a));
            }
        }
    }
}
