using System.Globalization;
using MrfAd.Engine.Images;
using MrfAd.Platform;

namespace MrfAd.Cli.Demo.Line;

/// <summary>Generates a dataset in MVTec AD's layout: parts with natural variation, some of them defective.</summary>
/// <param name="Train">Number of good parts to learn from.</param>
/// <param name="Good">Number of good parts to judge.</param>
/// <param name="OfEachKind">Number of defective parts of each kind, from small to large defects.</param>
/// <param name="Seed">The same seed makes the same parts.</param>
public sealed record PartLine(int Train, int Good, int OfEachKind, int Seed)
{
    public int Count => Train + Good + (OfEachKind * Defect.Kinds.Count);

    /// <summary>Creates a line with <paramref name="judged"/> parts to judge: equally many of each kind of defect, and good ones for the rest.</summary>
    /// <param name="judged">Number of parts to judge, 8 or more.</param>
    public static PartLine Of(int train, int judged, int seed)
    {
        var ofEachKind = Math.Max(1, (int)Math.Round(judged / 2.0 / Defect.Kinds.Count));
        return new PartLine(train, judged - (ofEachKind * Defect.Kinds.Count), ofEachKind, seed);
    }

    /// <summary>Writes <c>train/good</c>, <c>test/KIND</c> and <c>ground_truth/KIND/NAME_mask.png</c> below <paramref name="folder"/>.</summary>
    /// <param name="progress">Called after each picture.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(string folder, Action progress, CancellationToken cancellationToken)
    {
        for (var i = 0; i < Train; i++)
            Write(folder, "train/good", i, null, 0);
        for (var i = 0; i < Good; i++)
            Write(folder, "test/good", i, null, 1);
        var stream = 2ul;
        foreach (var (kind, make) in Defect.Kinds)
        {
            for (var i = 0; i < OfEachKind; i++)
            {
                var size = (i + 0.5f) / OfEachKind;
                Write(folder, $"test/{kind}", i, dice => make(size, dice), stream);
            }

            stream++;
        }

        void Write(string root, string place, int index, Func<SeededRandom, Defect>? make, ulong stream)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var dice = new SeededRandom(((ulong)Seed << 32) ^ (stream << 20) ^ (ulong)index);
            var pose = PartPose.Draw(dice);
            var defect = make?.Invoke(dice);
            var name = index.ToString("000", CultureInfo.InvariantCulture);
            using (var picture = PartPicture.Take(pose, defect))
                Save(picture, Path.Combine(root, place, $"{name}.png"));
            if (defect is not null)
            {
                using var mask = PartPicture.Mask(pose, defect);
                Save(mask, Path.Combine(root, place.Replace("test/", "ground_truth/", StringComparison.Ordinal), $"{name}_mask.png"));
            }

            progress();
        }
    }

    private static void Save(Image image, string path)
    {
        UserFiles.CreateFolder(Path.GetDirectoryName(path)!);
        UserFiles.WriteBytes(path, ImageCodec.Encode(image, ImageFormat.Png));
    }
}
