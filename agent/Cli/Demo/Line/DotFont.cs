namespace MrfAd.Cli.Demo.Line;

/// <summary>Dot-matrix characters of a dot-peen marker, 5 dots wide and 7 high.</summary>
public static class DotFont
{
    public const int Height = 7;

    /// <summary>Number of columns from one character to the next.</summary>
    public const int Pitch = 6;

    // Rows from top to bottom, five bits each; the leftmost dot is the highest bit.
    private static readonly Dictionary<char, byte[]> Rows = new()
    {
        ['0'] = [14, 17, 19, 21, 25, 17, 14],
        ['1'] = [4, 12, 4, 4, 4, 4, 14],
        ['2'] = [14, 17, 1, 6, 8, 16, 31],
        ['3'] = [14, 17, 1, 6, 1, 17, 14],
        ['4'] = [2, 6, 10, 18, 31, 2, 2],
        ['5'] = [31, 16, 30, 1, 1, 17, 14],
        ['6'] = [6, 8, 16, 30, 17, 17, 14],
        ['7'] = [31, 1, 2, 4, 8, 8, 8],
        ['8'] = [14, 17, 17, 14, 17, 17, 14],
        ['9'] = [14, 17, 17, 15, 1, 2, 12],
        ['F'] = [31, 16, 16, 30, 16, 16, 16],
        ['L'] = [16, 16, 16, 16, 16, 16, 31],
        ['-'] = [0, 0, 0, 14, 0, 0, 0],
    };

    /// <returns>True if the text has a dot at this place; false outside the text.</returns>
    public static bool HasDot(string text, int column, int row)
    {
        if (column < 0 || column >= text.Length * Pitch || row is < 0 or >= Height || column % Pitch == Pitch - 1)
            return false;
        return Rows.TryGetValue(text[column / Pitch], out var rows) && ((rows[row] >> (Pitch - 2 - (column % Pitch))) & 1) == 1;
    }
}
