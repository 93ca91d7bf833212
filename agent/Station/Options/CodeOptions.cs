using System.Text.Json.Serialization;
using MrfAd.Engine.Codes;

namespace MrfAd.Station.Options;

/// <summary>The options of the code that is read from a camera's frames.</summary>
public sealed record CodeOptions
{
    /// <summary>The part of the frame in which the code is, in px: its left edge, its top edge, its width and its height. With null it may be anywhere.</summary>
    public IReadOnlyList<int>? Region { get; init; }

    /// <summary>The kinds of codes to look for; each costs time.</summary>
    public IReadOnlyList<CodeFormat> Formats { get; init; } = [CodeFormat.DataMatrix, CodeFormat.Qr, CodeFormat.Code128];

    /// <summary>Makes a part INVALID whose code cannot be read; otherwise it is judged all the same.</summary>
    public bool Required { get; init; }

    /// <summary>The time after which reading is given up, 10 ms to 10 s.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Returns the region as a rectangle; null for the whole frame.</summary>
    [JsonIgnore]
    public PixelBox? Box => Region is [var x, var y, var width, var height] ? new PixelBox(x, y, width, height) : null;
}
