using System.Globalization;
using System.Text.Json.Serialization;

namespace MrfAd.Engine.Features;

/// <summary>
/// One way in which features are changed before they are banked and searched. In this order: the mean over a square of neighbouring patches (PatchCore's local aggregation), unit length
/// (so that L2 distances order as cosine distances do), and partial whitening (<see cref="PartialWhitening"/>).
/// </summary>
public sealed record FeatureShape
{
    /// <summary>The features as the encoder gives them, as in the paper.</summary>
    public static FeatureShape Plain { get; } = new();

    /// <summary>Side of the square of patches over which each feature is averaged, odd; 1 means no averaging.</summary>
    public int PoolSide { get; init; } = 1;

    /// <summary>True to scale features to unit length.</summary>
    public bool Normalise { get; init; }

    /// <summary>The number of principal axes to which whitening reduces the features; null leaves them as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Axes { get; init; }

    /// <summary>The power p of whitening: an axis of variance λ is scaled by λ^(−p). 0 only reduces; 0.5 makes all axes equally strong.</summary>
    public double Power { get; init; } = DefaultPower;

    private const double DefaultPower = 0.25;

    /// <summary>True where only neighbouring patches, or a feature itself, are needed.</summary>
    [JsonIgnore]
    public bool IsLocal => Axes is null;

    /// <summary>The value that is out of range; null where none is.</summary>
    [JsonIgnore]
    public string? Fault =>
        PoolSide < 1 || PoolSide % 2 == 0 ? $"a pool of {PoolSide}, want an odd number"
        : Axes < 1 ? $"{Axes} axes, want at least 1"
        : Power is not (>= 0 and <= 1) ? FormattableString.Invariant($"a power of {Power}, want 0 to 1")
        : null;

    /// <summary>The shape as <see cref="Parse"/> reads it, such as "pool3+w96" or "plain".</summary>
    [JsonIgnore]
    public string Name
    {
        get
        {
            var parts = new[]
            {
                PoolSide > 1 ? $"pool{PoolSide}" : "",
                Normalise ? "unit" : "",
                Axes is null ? "" : Power == DefaultPower ? $"w{Axes}" : FormattableString.Invariant($"w{Axes}^{Power}"),
            };
            var name = string.Join('+', parts.Where(p => p.Length > 0));
            return name.Length > 0 ? name : "plain";
        }
    }

    /// <summary>Reads a shape: "plain", or parts joined by "+": "pool3", "unit", "w96" (96 axes, power 0.25), "w96^0.5".</summary>
    /// <exception cref="FormatException">The text is none.</exception>
    public static FeatureShape Parse(string text)
    {
        var shape = Plain;
        foreach (var part in text == "plain" ? [] : text.Split('+'))
        {
            shape = part switch
            {
                "unit" => shape with { Normalise = true },
                _ when part.StartsWith("pool", StringComparison.Ordinal) && TryNumber(part[4..], out var side) && side % 2 == 1 => shape with { PoolSide = side },
                _ when part.StartsWith('w') && part[1..].Split('^') is [var axes, .. { Length: <= 1 } power] && TryNumber(axes, out var count) && TryPower(power, out var p) => shape with { Axes = count, Power = p },
                _ => throw new FormatException($"want 'plain', or of 'pool3' (an odd side), 'unit' and 'w96' or 'w96^0.25' (axes and power from 0 to 1) some joined by '+', got '{text}'"),
            };
        }

        return shape;
    }

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1;

    private static bool TryPower(string[] text, out double power)
    {
        power = DefaultPower;
        return text.Length == 0 || (double.TryParse(text[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out power) && power is >= 0 and <= 1);
    }
}
