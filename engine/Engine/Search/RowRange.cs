namespace MrfAd.Engine.Search;

/// <summary>A range of rows, from <see cref="Start"/> up to, not including, <see cref="End"/>.</summary>
public readonly record struct RowRange(int Start, int End)
{
    public static RowRange None => default;

    public int Count => End - Start;

    public bool Contains(int row) => row >= Start && row < End;
}
