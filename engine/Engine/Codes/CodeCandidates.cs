using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Codes;

/// <summary>
/// Finds the places of an image that may hold a code: those with many edges close together. The decoder looks for a Data Matrix only around the middle of what it is
/// given, and a small code is lost where a large image is made smaller.
/// </summary>
internal static class CodeCandidates
{
    // Cells along the longer side: a code of a sixtieth of the side may lie in one.
    private const int Cells = 64;

    // In px: a cell of a small image holds at least a module or two.
    private const int MinCell = 4;

    // Of the full range of grey, and of the pixels of a cell: the edges of modules are steep, and a module has one at least every few pixels.
    private const int Steep = 40;
    private const double MinShare = 0.12;

    // Along the longer side of a place, to find the middle of the code in it.
    private const int FineCells = 12;

    /// <param name="grey">A stretched image [H, W, 1] of 8 bits.</param>
    /// <param name="max">The maximum number of places.</param>
    /// <returns>The places with the space around them that a decoder needs, the largest first.</returns>
    public static IReadOnlyList<PixelBox> Find(Image grey, int max)
    {
        var cell = Math.Max(MinCell, Math.Max(grey.Width, grey.Height) / Cells);
        return [.. Dense(grey, new PixelBox(0, 0, grey.Width, grey.Height), cell).Take(max).Select(place => Centred(grey, place.Box.Grown(cell, grey.Width, grey.Height)))];
    }

    /// <summary>Narrows a place down to what is in its finer cells, so that its middle is that of the code.</summary>
    private static PixelBox Centred(Image grey, PixelBox place)
    {
        var cell = Math.Max(MinCell, Math.Max(place.Width, place.Height) / FineCells);
        var (box, _) = Dense(grey, place, cell).FirstOrDefault((place, 0));
        return box.Grown((2 * cell) + (Math.Max(box.Width, box.Height) / 4), grey.Width, grey.Height);
    }

    /// <summary>Finds the connected cells of a part of an image that are full of edges.</summary>
    /// <returns>Their bounding boxes in px of the image, the one of the most cells first.</returns>
    private static IEnumerable<(PixelBox Box, int Cells)> Dense(Image grey, PixelBox part, int cell)
    {
        var columns = (part.Width + cell - 1) / cell;
        var boxes = new Dictionary<int, (int X0, int Y0, int X1, int Y1, int Cells)>();
        foreach (var run in ConnectedComponents.Find(FullOfEdges(grey, part, cell, columns), columns, out _))
        {
            if (!boxes.TryGetValue(run.Label, out var box))
                box = (run.X0, run.Y, 0, 0, 0);
            boxes[run.Label] = (Math.Min(box.X0, run.X0), Math.Min(box.Y0, run.Y), Math.Max(box.X1, run.X1), run.Y + 1, box.Cells + run.X1 - run.X0);
        }

        return boxes.Values.OrderByDescending(b => b.Cells).Select(b => (new PixelBox(
            part.X + (b.X0 * cell), part.Y + (b.Y0 * cell), Math.Min(b.X1 * cell, part.Width) - (b.X0 * cell), Math.Min(b.Y1 * cell, part.Height) - (b.Y0 * cell)), b.Cells));
    }

    /// <returns>The cells of the part, row by row: 1 where a cell is full of edges, else 0.</returns>
    private static byte[] FullOfEdges(Image grey, PixelBox part, int cell, int columns)
    {
        var pixels = grey.Bytes;
        var edges = new int[columns * ((part.Height + cell - 1) / cell)];
        for (var y = Math.Max(1, part.Y); y < part.Y + part.Height; y++)
        {
            var line = pixels.Slice(y * grey.Width, grey.Width);
            var above = pixels.Slice((y - 1) * grey.Width, grey.Width);
            var row = (y - part.Y) / cell * columns;
            for (var x = Math.Max(1, part.X); x < part.X + part.Width; x++)
            {
                if (Math.Abs(line[x] - line[x - 1]) + Math.Abs(line[x] - above[x]) > Steep)
                    edges[row + ((x - part.X) / cell)]++;
            }
        }

        return Array.ConvertAll(edges, count => (byte)(count > MinShare * cell * cell ? 1 : 0));
    }
}
