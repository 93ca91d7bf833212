using System.Text.Json;

namespace MrfAd.Maker;

/// <summary>The width and depth of the student, read from <c>student.json</c>, which <c>train.py</c> reads, too. Stage i has stride 4·2ⁱ.</summary>
/// <param name="Stem">The number of channels at stride 2.</param>
/// <param name="Channels">The number of channels of each stage.</param>
/// <param name="Blocks">The number of residual blocks of each stage.</param>
/// <param name="Dimensions">The number of dimensions of each stage's output: the number of principal axes of the teacher's stage that it imitates.</param>
public sealed record StudentShape(int Stem, IReadOnlyList<int> Channels, IReadOnlyList<int> Blocks, IReadOnlyList<int> Dimensions)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static StudentShape Read(string path) => JsonSerializer.Deserialize<StudentShape>(File.ReadAllBytes(path), Json)!;
}
