namespace MrfAd.Engine.Search;

/// <summary>A matrix [rows, columns] kept as panels of PanelQueries columns, as <see cref="PanelKernel"/> takes them: [panels, rows, PanelQueries].</summary>
internal sealed class PanelColumns(int rows, int columns) : IDisposable
{
    private readonly int _panels = (columns + PanelKernel.PanelQueries - 1) / PanelKernel.PanelQueries;
    private readonly NativeFloats _values = new((columns + PanelKernel.PanelQueries - 1L) / PanelKernel.PanelQueries * PanelKernel.PanelQueries * rows);

    private static int Width => PanelKernel.PanelQueries;

    /// <summary>Sets the values; columns that only fill up the last panel become 0.</summary>
    /// <param name="values">The values, [columns][rows].</param>
    public void Set(double[][] values)
    {
        _values.All.Clear();
        for (var column = 0; column < columns; column++)
        {
            var panel = Panel(column / Width);
            for (var row = 0; row < rows; row++)
                panel[(row * Width) + (column % Width)] = (float)values[column][row];
        }
    }

    /// <param name="values">The array to fill, [columns][rows].</param>
    public void Get(double[][] values)
    {
        for (var column = 0; column < columns; column++)
        {
            var panel = Panel(column / Width);
            for (var row = 0; row < rows; row++)
                values[column][row] = panel[(row * Width) + (column % Width)];
        }
    }

    /// <summary>Computes target = matrix · this.</summary>
    /// <param name="matrix">The left matrix, [m, rows].</param>
    /// <param name="target">The product to fill, [m, columns].</param>
    public void MultiplyBy(NativeFloats matrix, PanelColumns target)
    {
        for (var panel = 0; panel < _panels; panel++)
            MultiplyPanel(matrix, target, panel);
    }

    /// <summary>Returns the sum of squares of a column.</summary>
    public double SumOfSquares(int column)
    {
        var panel = Panel(column / Width);
        var sum = 0.0;
        for (var row = 0; row < rows; row++)
            sum += Math.Pow(panel[(row * Width) + (column % Width)], 2);
        return sum;
    }

    public void Dispose() => _values.Dispose();

    private int Rows => rows;

    private void MultiplyPanel(NativeFloats matrix, PanelColumns target, int panel)
    {
        var tile = PanelKernel.TileRows;
        Parallel.For(0, (target.Rows + tile - 1) / tile, t =>
        {
            Span<float> products = stackalloc float[PanelKernel.MaxTileRows * PanelKernel.MaxPanelQueries];
            var valid = Math.Min(tile, target.Rows - (t * tile));
            PanelKernel.Multiply(Panel(panel), matrix.Slice((long)t * tile * rows, valid * rows), rows, valid, rows, products);
            products[..(valid * Width)].CopyTo(target.Panel(panel).Slice(t * tile * Width, valid * Width));
        });
    }

    private Span<float> Panel(int panel) => _values.Slice((long)panel * rows * Width, rows * Width);
}
