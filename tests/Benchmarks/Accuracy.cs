using MrfAd.Engine.Features;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Metrics;

namespace MrfAd.Benchmarks;

/// <summary>All scales fused beside each scale alone, from one pass over the test images: the paper's figure 5 on the user's data.</summary>
internal static class Accuracy
{
    public static void Run(string folder, string encoderPath, string[]? layers, MrfAdOptions options)
    {
        using var subject = new Subject(folder, encoderPath, layers, options);
        var scales = options.Scales;
        var variants = scales.Select(s => new Variant(FormattableString.Invariant($"{s}"))).Append(new Variant("all")).ToArray();
        var images = Directory.GetFiles(Path.Combine(folder, "test"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        foreach (var path in images)
        {
            using var image = ImageCodec.Read(path);
            var mask = Mask(folder, path, image);
            var all = subject.Scorer.Score(image);
            variants[^1].Add(all, mask);
            var perScale = subject.Scorer.BranchMaps.Count / scales.Count;
            for (var s = 0; s < scales.Count; s++)
            {
                var branches = Enumerable.Range(s * perScale, perScale).ToArray();
                var view = ViewSizes.Of(image.Width, image.Height, subject.Options, subject.Encoder.Descriptor.SizeMultiple)[s];
                var maps = branches.Select(b => subject.Scorer.BranchMaps[b]).ToArray();
                var sizes = maps.Select(m => GridOf(m.Length, view)).ToArray();
                variants[s].Add(new MapFusion(sizes, image.Width, image.Height).Fuse(maps), mask);
            }
        }

        Console.WriteLine($"{subject.Encoder.Id} {string.Join("+", subject.Encoder.Layers)}, {Path.GetFileName(folder)} ({subject.Learned.Description.Images} train, {images.Count} test), maps at the images' full resolution");
        Console.WriteLine("| scales | AU-PRO_0.05 | AU-ROC_0.05 plain | pixel AUROC | image AUROC (max) | image AUROC (top 1 %) |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var variant in variants)
            Console.WriteLine(variant.Row(folder));
    }

    /// <summary>A grid of the view's proportions with so many patches (the layer's stride divides both sides).</summary>
    private static (int Width, int Height) GridOf(int patches, View view)
    {
        var stride = (int)Math.Round(Math.Sqrt((double)view.Width * view.Height / patches));
        return (view.Width / stride, view.Height / stride);
    }

    private static byte[] Mask(string folder, string path, Image image)
    {
        var kind = Path.GetFileName(Path.GetDirectoryName(path))!;
        if (kind == "good")
            return [];
        using var mask = ImageCodec.Read(Path.Combine(folder, "ground_truth", kind, $"{Path.GetFileNameWithoutExtension(path)}_mask.png"));
        return mask.Width == image.Width && mask.Height == image.Height && mask.Channels == 1
            ? mask.Bytes.ToArray()
            : throw new InvalidDataException($"{path}: the image is {image}, its mask {mask}");
    }

    private sealed class Variant(string name)
    {
        private readonly PixelScores _pixels = new();
        private readonly List<float>[] _max = [[], []];
        private readonly List<float>[] _top = [[], []];

        public void Add(AnomalyMap map, byte[] mask)
        {
            _pixels.Add(map.Scores, mask, map.Width);
            var defective = mask.AsSpan().ContainsAnyExcept((byte)0) ? 1 : 0;
            _max[defective].Add(ImageScore.Max(map));
            _top[defective].Add(ImageScore.TopPercent(map));
        }

        public string Row(string set)
        {
            var curve = _pixels.ToCurve(set);
            return FormattableString.Invariant(
                $"| {name} | {curve.AuPro(0.05):0.000} | {curve.AuRoc(0.05):0.000} | {curve.AuRoc():0.000} | {ScoreCurve.Of([.. _max[0]], [.. _max[1]]).AuRoc():0.000} | {ScoreCurve.Of([.. _top[0]], [.. _top[1]]).AuRoc():0.000} |");
        }
    }
}
