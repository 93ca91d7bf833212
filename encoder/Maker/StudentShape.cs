using System.Text.Json;

namespace MrfAd.Maker;

/// <summary>How wide and deep the student is: <c>student.json</c>, which <c>train.py</c> reads too. Stage i has stride 4·2ⁱ.</summary>
/// <param name="Stem">Channels at stride 2.</param>
/// <param name="Channels">Of each stage.</param>
/// <param name="Blocks">Residual blocks of each stage.</param>
/// <param name="Dimensions">Of each stage's output: as many principal axes of the teacher's stage as it imitates.</param>
public sealed record StudentShape(int Stem, IReadOnlyList<int> Channels, IReadOnlyList<int> Blocks, IReadOnlyList<int> Dimensions)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static StudentShape Read(string path) => JsonSerializer.Deserialize<StudentShape>(File.ReadAllBytes(path), Json)!;
}
