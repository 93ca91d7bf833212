using System.Text.Json.Serialization;

namespace MrfAd.Engine.Banks;

/// <summary>What learning tried on held-out good images with painted defects, and what it chose.</summary>
/// <param name="Tried">The figures of all candidates; the first is kept where none is clearly better.</param>
/// <param name="Chosen">The index of the one that was chosen.</param>
/// <param name="Good">The number of good images.</param>
/// <param name="Painted">The number of images with a painted defect.</param>
public sealed record MapChoice(IReadOnlyList<CandidateFigures> Tried, int Chosen, int Good, int Painted)
{
    private const int MinGood = 10, MinPainted = 20;

    /// <summary>True where so few images say nothing, and the first candidate is kept whatever the figures are.</summary>
    [JsonIgnore]
    public bool IsThin => Good < MinGood || Painted < MinPainted;
}

/// <summary>The figures of a candidate.</summary>
/// <param name="Name">Its name, such as "plain and unit, levelled".</param>
/// <param name="ImageAuRoc">Image AUROC: the share of pairs of a painted and a good image in which the painted one has the higher score.</param>
/// <param name="AuPro">AU-PRO up to a false positive rate of 0.05, which all pixels without a defect give.</param>
/// <param name="Gain">The mean of both less that of the first candidate.</param>
/// <param name="GainError">The standard error of <paramref name="Gain"/> over the painted images.</param>
public sealed record CandidateFigures(
    string Name, [property: JsonPropertyName("image_au_roc")] double ImageAuRoc, [property: JsonPropertyName("au_pro_0.05")] double AuPro, double Gain, double GainError);
