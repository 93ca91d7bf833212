using System.ComponentModel;

namespace MrfAd.Station.Statistics;

/// <summary>Where on the frame NG regions lay.</summary>
public sealed record RegionReport
{
    [Description("The number of cells in a row and in a column.")]
    public int Side { get; } = RegionGrid.Side;

    [Description("How many regions touched each cell, row by row from the top.")]
    public required IReadOnlyList<long> Cells { get; init; }
}
