using MrfAd.Contracts;

namespace MrfAd.Station.Statistics;

/// <summary>Counts how many NG regions touch each cell of a grid that is laid over the frame, whatever its size in pixels.</summary>
public sealed class RegionGrid
{
    /// <summary>The number of cells in a row and in a column.</summary>
    public const int Side = 32;

    private readonly long[] _cells = new long[Side * Side];

    /// <summary>The counts, row by row from the top.</summary>
    public IReadOnlyList<long> Cells => _cells;

    /// <summary>Counts a region in every cell that its bounding box touches.</summary>
    public void Add(VerdictRegion region, VerdictFrame frame)
    {
        var (left, right) = Cell(region.XPx, region.WidthPx, frame.WidthPx);
        var (top, bottom) = Cell(region.YPx, region.HeightPx, frame.HeightPx);
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
                _cells[(y * Side) + x]++;
        }
    }

    /// <summary>Appends the grid.</summary>
    internal void Write(List<byte> bytes) => VarInts.Write(bytes, _cells);

    /// <summary>Adds a grid that was written.</summary>
    /// <exception cref="FormatException">The bytes are cut off or wrong.</exception>
    internal void Add(ReadOnlySpan<byte> bytes) => VarInts.Add(ref bytes, _cells);

    private static (int First, int Last) Cell(int start, int length, int whole) =>
        ((int)Math.Clamp((long)start * Side / whole, 0, Side - 1), (int)Math.Clamp(((long)start + length - 1) * Side / whole, 0, Side - 1));
}
