namespace MrfAd.Engine.Verdicts;

/// <summary>The 8-connected components of a binary image, as runs of pixels (two-pass labelling with union-find over runs).</summary>
public static class ConnectedComponents
{
    /// <summary>Pixels X0 up to, not including, X1 of row Y, which belong to the component <see cref="Label"/>.</summary>
    public readonly record struct Run(int Y, int X0, int X1, int Label);

    /// <param name="foreground">The binary image, [H·W], not 0 where a pixel is foreground.</param>
    /// <param name="count">The number of components; labels are 0 … count − 1 in order of their first pixel.</param>
    /// <returns>All runs, row by row, left to right.</returns>
    public static List<Run> Find(ReadOnlySpan<byte> foreground, int width, out int count)
    {
        var runs = new List<Run>();
        var parent = new List<int>();
        var above = 0; // first run of the row above
        for (var y = 0; y * width < foreground.Length; y++)
        {
            var row = foreground.Slice(y * width, width);
            var first = runs.Count;
            for (var x = 0; x < width;)
            {
                var start = row[x..].IndexOfAnyExcept((byte)0);
                if (start < 0)
                    break;
                x += start;
                var length = row[x..].IndexOf((byte)0);
                var end = length < 0 ? width : x + length;
                var label = parent.Count;
                parent.Add(label);
                for (var a = above; a < first && runs[a].X0 <= end; a++)
                {
                    if (runs[a].X1 >= x) // touching, by an edge or a corner
                        Join(parent, label, runs[a].Label);
                }

                runs.Add(new Run(y, x, end, label));
                x = end;
            }

            above = first;
        }

        var labels = new int[parent.Count];
        count = 0;
        for (var i = 0; i < labels.Length; i++)
            labels[i] = Root(parent, i) == i ? count++ : labels[Root(parent, i)];
        for (var i = 0; i < runs.Count; i++)
            runs[i] = runs[i] with { Label = labels[runs[i].Label] };
        return runs;
    }

    private static int Root(List<int> parent, int i)
    {
        while (parent[i] != i)
            i = parent[i] = parent[parent[i]];
        return i;
    }

    private static void Join(List<int> parent, int a, int b)
    {
        (a, b) = (Root(parent, a), Root(parent, b));
        parent[Math.Max(a, b)] = Math.Min(a, b);
    }
}
