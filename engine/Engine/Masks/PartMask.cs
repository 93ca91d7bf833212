namespace MrfAd.Engine.Masks;

/// <summary>The mask of the part: a small picture of the whole image, each pixel of which is part or background. One buffer, overwritten by each image.</summary>
public sealed class PartMask
{
    private static ReadOnlySpan<byte> Green => [60, 220, 90];

    private readonly bool[] _part;
    private readonly bool[] _scratch;
    private readonly int[] _open;
    private readonly int[] _sums; // integral image, [(h + 1)·(w + 1)]: the number of part pixels above and left
    private bool _summed;

    /// <summary>Creates a mask that is background everywhere.</summary>
    public PartMask(int width, int height)
    {
        (Width, Height) = (width, height);
        _part = new bool[width * height];
        _scratch = new bool[width * height];
        _open = new int[width * height];
        _sums = new int[(width + 1) * (height + 1)];
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The mask, [H·W], true where the part is.</summary>
    public ReadOnlySpan<bool> Part => _part;

    /// <summary>The part's share of the image, 0 to 1.</summary>
    public double Area => (double)Count(0, 0, Width, Height) / _part.Length;

    /// <param name="likelihood">The likelihood of the part at each pixel, [H·W], 0 to 1.</param>
    public void Set(ReadOnlySpan<float> likelihood, float threshold)
    {
        for (var i = 0; i < _part.Length; i++)
            _part[i] = likelihood[i] >= threshold;
        _summed = false;
    }

    /// <summary>Marks as part the pixels where a coarse picture [side, side], laid over the image, is at least <paramref name="threshold"/>.</summary>
    /// <param name="add">True to keep the pixels that are already marked as part.</param>
    public void Set(ReadOnlySpan<byte> picture, int side, byte threshold, bool add)
    {
        for (var y = 0; y < Height; y++)
        {
            var row = picture.Slice(y * side / Height * side, side);
            for (var x = 0; x < Width; x++)
                _part[(y * Width) + x] = row[x * side / Width] >= threshold || (add && _part[(y * Width) + x]);
        }

        _summed = false;
    }

    /// <summary>Returns the part's centre of mass in shares of the image's width and height; the image's centre where there is no part.</summary>
    public (double X, double Y) Centre()
    {
        var (x, y, count) = (0.0, 0.0, 0);
        for (var i = 0; i < _part.Length; i++)
        {
            if (!_part[i])
                continue;
            (x, y, count) = (x + (i % Width) + 0.5, y + (i / Width) + 0.5, count + 1);
        }

        return count == 0 ? (0.5, 0.5) : (x / count / Width, y / count / Height);
    }

    /// <summary>Computes the part's share, 0 to 1, of each cell of a grid laid over the image.</summary>
    public void Coverage(int columns, int rows, Span<float> shares)
    {
        for (var cell = 0; cell < columns * rows; cell++)
        {
            var (left, top, right, bottom) = Cell(cell, columns, rows);
            shares[cell] = (float)Count(left, top, right, bottom) / ((right - left) * (bottom - top));
        }
    }

    /// <summary>Lists the cells (row-major) of a grid laid over the image that contain at least one pixel of the part.</summary>
    /// <param name="cells">The buffer to fill, with a length of at least columns · rows.</param>
    /// <returns>The number of cells written.</returns>
    public int Cells(int columns, int rows, Span<int> cells)
    {
        var found = 0;
        for (var cell = 0; cell < columns * rows; cell++)
        {
            var (left, top, right, bottom) = Cell(cell, columns, rows);
            if (Count(left, top, right, bottom) > 0)
                cells[found++] = cell;
        }

        return found;
    }

    /// <summary>Turns background that the part encloses into part, so that what shows through a hole is inspected, too.</summary>
    public void FillHoles()
    {
        Array.Clear(_scratch); // will mark the background that is connected to the border
        var open = 0;
        for (var i = 0; i < _part.Length; i++)
        {
            var (y, x) = Math.DivRem(i, Width);
            if (x == 0 || y == 0 || x == Width - 1 || y == Height - 1)
                Reach(i);
        }

        while (open > 0)
        {
            var at = _open[--open];
            var x = at % Width;
            if (x > 0)
                Reach(at - 1);
            if (x < Width - 1)
                Reach(at + 1);
            if (at >= Width)
                Reach(at - Width);
            if (at < _part.Length - Width)
                Reach(at + Width);
        }

        for (var i = 0; i < _part.Length; i++)
            _part[i] = !_scratch[i];
        _summed = false;

        void Reach(int i)
        {
            if (_part[i] || _scratch[i])
                return;
            _scratch[i] = true;
            _open[open++] = i;
        }
    }

    /// <summary>Dilates the part by a square that reaches <paramref name="reach"/> pixels to each side.</summary>
    public void Grow(int reach)
    {
        for (var i = 0; i < _part.Length; i++)
        {
            var (y, x) = Math.DivRem(i, Width);
            _scratch[i] = Count(Math.Max(0, x - reach), Math.Max(0, y - reach), Math.Min(Width, x + reach + 1), Math.Min(Height, y + reach + 1)) > 0;
        }

        _scratch.CopyTo(_part, 0);
        _summed = false;
    }

    /// <summary>Returns true where the part covers pixel (x, y) of an image of this size.</summary>
    public bool At(int x, int y, int width, int height) => _part[((int)((y + 0.5) * Height / height) * Width) + (int)((x + 0.5) * Width / width)];

    /// <summary>Draws the part's border into an 8-bit RGB picture of the whole image: green, a line of a pixel in 400.</summary>
    public void Outline(Engine.Images.Image picture)
    {
        var (width, height, line) = (picture.Width, picture.Height, Math.Max(1, picture.Width / 400));
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                if (Shows(x, y) && !(Shows(x - line, y) && Shows(x + line, y) && Shows(x, y - line) && Shows(x, y + line)))
                    Green.CopyTo(picture.Bytes[(3 * ((y * width) + x))..]);
            }
        }

        bool Shows(int x, int y) => At(Math.Clamp(x, 0, width - 1), Math.Clamp(y, 0, height - 1), width, height);
    }

    /// <summary>Returns the mask pixels of a grid's cell, at least one, even where the mask is coarser than the grid.</summary>
    private (int Left, int Top, int Right, int Bottom) Cell(int cell, int columns, int rows)
    {
        var (row, column) = Math.DivRem(cell, columns);
        var (left, top) = (column * Width / columns, row * Height / rows);
        return (left, top, Math.Max(left + 1, (((column + 1) * Width) + columns - 1) / columns), Math.Max(top + 1, (((row + 1) * Height) + rows - 1) / rows));
    }

    private int Count(int left, int top, int right, int bottom)
    {
        if (!_summed)
            Sum();
        var stride = Width + 1;
        return _sums[(bottom * stride) + right] - _sums[(top * stride) + right] - _sums[(bottom * stride) + left] + _sums[(top * stride) + left];
    }

    private void Sum()
    {
        var stride = Width + 1;
        for (var y = 0; y < Height; y++)
        {
            var row = 0;
            for (var x = 0; x < Width; x++)
            {
                row += _part[(y * Width) + x] ? 1 : 0;
                _sums[((y + 1) * stride) + x + 1] = _sums[(y * stride) + x + 1] + row;
            }
        }

        _summed = true;
    }
}
