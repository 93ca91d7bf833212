using System.Diagnostics;
using MrfAd.Engine.Alignment;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;

namespace MrfAd.Benchmarks.Alignment;

/// <summary>
/// Compares ways of alignment on real images that are shifted and turned by known amounts. The error of a frame is the distance between where the part's pixels are found in the turned
/// image and where those found in the image as it is have gone.
/// </summary>
internal static class AlignmentAccuracy
{
    private const double Wanted = 2;

    // Every so many pixels of the small picture's part are looked at.
    private const int Stride = 4;

    public static void Run(string folder, int turns, int seed, bool peers)
    {
        var train = Directory.GetFiles(Path.Combine(folder, "train", "good")).Order(StringComparer.Ordinal).ToList();
        var test = Directory.GetFiles(Path.Combine(folder, "test"), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        var reference = AlignmentLearner.Choose(train, path => Path.GetFileName(path), new AlignmentOptions(), ImageLimits.Default, null, default);
        using var aligner = new ImageAligner(reference);
        using var image = ImageCodec.Read(train.First(path => Path.GetFileName(path) == reference.Image));
        var part = PartOf(image);
        var centre = (part.Average(p => p.X), part.Average(p => p.Y));
        Console.WriteLine($"{Path.GetFileName(folder)}: {test.Count} images, {turns} turns each, reference {reference.Image}, seed {seed}, {Environment.ProcessorCount} cores");
        var margins = new List<double>();
        Measure("edges at all angles, ECC (the product's)", frame =>
        {
            var place = aligner.Align(frame);
            margins.Add(place.AngleMargin);
            return place.ToFrame;
        });
        margins.Sort();
        Console.WriteLine(FormattableString.Invariant($"angle margin: median {margins[margins.Count / 2]:0.000}, lowest {margins[0]:0.000}"));
        if (!peers)
            return;
        foreach (var (name, find) in new PoseEstimators(image).All)
            Measure(name, find);

        void Measure(string name, Func<Image, Similarity?> find)
        {
            var random = new Random(seed);
            var (errors, frames, whole, centres, times) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
            var failed = 0;
            foreach (var path in test)
            {
                using var frame = ImageCodec.Read(path);
                var before = find(frame);
                for (var i = 0; i < turns; i++)
                {
                    var transform = TurnedFrames.Random(random, frame.Width, frame.Height);
                    using var turned = TurnedFrames.Turn(frame, transform);
                    var start = Stopwatch.GetTimestamp();
                    var after = find(turned);
                    times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    if (before is null || after is null)
                    {
                        failed++;
                        continue;
                    }

                    var (worst, isWhole) = (0.0, true);
                    foreach (var (x, y) in part)
                    {
                        var (wasX, wasY) = before.Value.Map(x, y);
                        var (wantX, wantY) = transform.Map(wasX, wasY);
                        if (wantX < 0 || wantY < 0 || wantX >= frame.Width || wantY >= frame.Height)
                        {
                            isWhole = false; // a pixel that is no longer in the frame
                            continue;
                        }

                        var (gotX, gotY) = after.Value.Map(x, y);
                        var error = double.Hypot(gotX - wantX, gotY - wantY);
                        errors.Add(error);
                        worst = Math.Max(worst, error);
                    }

                    frames.Add(worst);
                    centres.Add(CentreError(centre, before.Value, transform, after.Value));
                    if (isWhole)
                        whole.Add(worst);
                }
            }

            errors.Sort();
            times.Sort();
            centres.Sort();
            var all = frames.Count + failed;
            Console.WriteLine(FormattableString.Invariant(
                $"{name}: px median {At(errors, 0.5):0.00}, 99th percentile {At(errors, 0.99):0.00}; all that is seen of the part within {Wanted} px in {Share(frames, all):0.0} % of {all} frames, where the whole part is seen in {Share(whole, whole.Count):0.0} % of {whole.Count}; its centre within {Wanted} px in {Share(centres, all):0.0} %, median {At(centres, 0.5):0.00} px; none found in {failed}; {At(times, 0.5):0.0} ms a frame"));
        }
    }

    private static double Share(List<double> errors, int count) => count == 0 ? double.NaN : 100.0 * errors.Count(e => e <= Wanted) / count;

    /// <returns>The error of the part's centre, which does not depend on the angle of a part that looks alike at all angles.</returns>
    private static double CentreError((double X, double Y) centre, Similarity before, Similarity transform, Similarity after)
    {
        var (wasX, wasY) = before.Map(centre.X, centre.Y);
        var (wantX, wantY) = transform.Map(wasX, wasY);
        var (gotX, gotY) = after.Map(centre.X, centre.Y);
        return double.Hypot(gotX - wantX, gotY - wantY);
    }

    private static double At(List<double> sorted, double share) => sorted.Count == 0 ? double.NaN : sorted[(int)(share * (sorted.Count - 1))];

    private static List<(double X, double Y)> PartOf(Image reference)
    {
        using var small = PoseEstimators.Grey(reference, AlignmentReference.Side);
        using var mask = PoseEstimators.Part(small);
        var factor = (double)reference.Width / small.Cols;
        var points = new List<(double X, double Y)>();
        var (rows, columns) = (mask.Rows, mask.Cols);
        for (var y = 0; y < rows; y += Stride)
        {
            for (var x = 0; x < columns; x += Stride)
            {
                if (mask.At<byte>(y, x) != 0)
                    points.Add(((x + 0.5) * factor, (y + 0.5) * factor));
            }
        }

        return points;
    }
}
