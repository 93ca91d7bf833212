using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Networks;

namespace MrfAd.Engine.Encoders;

/// <summary>Compares an encoder's features with those of the published fp32 graph on the CPU, to verify that it still computes what its checkpoint defines.</summary>
public static class EncoderParity
{
    // The number of query patches and of patches they are compared with; more would not change the result.
    private const int Queries = 200;
    private const int Rows = 400;

    // The limits are measured rounding errors with a margin (tests/Benchmarks/RESULTS.md).
    private static readonly Dictionary<GraphPrecision, (double Cosine, double MapChange)> Limits = new()
    {
        [GraphPrecision.Fp32] = (0.99999, 0.001),
        [GraphPrecision.Fp16] = (0.999, 0.02),
        [GraphPrecision.Int8] = (0.98, 0.05),
    };

    /// <param name="images">The images to compare on, at least two.</param>
    /// <param name="width">The width of the view that is compared, px.</param>
    public static IReadOnlyList<LayerParity> Compare(Encoder reference, Encoder built, IReadOnlyList<Image> images, int width, int height)
    {
        var expected = Vectors(reference, images, width, height);
        var actual = Vectors(built, images, width, height);
        return [.. reference.Layers.Select((layer, l) =>
        {
            var cosines = images.SelectMany((_, i) => expected[i][l].Zip(actual[i][l], Cosine)).ToList();
            var (difference, size) = (0.0, 0.0);
            for (var i = 0; i < images.Count; i++)
            {
                var next = (i + 1) % images.Count;
                var (map, other) = (Map(expected[i][l], expected[next][l]), Map(actual[i][l], actual[next][l]));
                difference += map.Zip(other, (a, b) => (a - b) * (a - b)).Sum();
                size += map.Sum(a => a * a);
            }

            return new LayerParity(layer, cosines.Average(), cosines.Min(), Math.Sqrt(difference / size));
        })];
    }

    /// <returns>Null where the features are close enough for the precision; otherwise a sentence that says why not.</returns>
    public static string? Mismatch(GraphPrecision precision, IReadOnlyList<LayerParity> layers)
    {
        var (cosine, change) = Limits[precision];
        var worst = layers.FirstOrDefault(l => !(l.MeanCosine >= cosine && l.MapChange <= change)); // NaN fails the comparison, too
        return worst is null ? null : FormattableString.Invariant(
            $"layer {worst.Layer} is too far from the fp32 graph for {precision.ToString().ToLowerInvariant()}: cosine {worst.MeanCosine:0.00000} (want {cosine} or more), anomaly map off by {worst.MapChange:0.0 %} (want {change:0.0 %} or less)");
    }

    /// <summary>Generates pictures of coarse and fine noise, to be used where there are no pictures of parts.</summary>
    public static IReadOnlyList<Image> Noise(int count, int width, int height) => [.. Enumerable.Range(1, count).Select(seed =>
    {
        var random = new Random(seed);
        using var coarse = new Image(Math.Max(2, width / 28), Math.Max(2, height / 28), 3);
        random.NextBytes(coarse.Bytes);
        var image = new Image(width, height, 3);
        ImageResize.Resize(coarse, image);
        foreach (ref var sample in image.Bytes)
            sample = (byte)Math.Clamp(sample + random.Next(-12, 13), 0, 255);
        return image;
    })];

    /// <returns>The feature vectors, [image][layer][patch][D].</returns>
    private static List<float[][][]> Vectors(Encoder encoder, IReadOnlyList<Image> images, int width, int height)
    {
        using var extractor = encoder.CreateExtractor(width, height);
        var vectors = new List<float[][][]>();
        foreach (var image in images)
        {
            extractor.Extract(image);
            var layers = new float[encoder.Layers.Count][][];
            for (var l = 0; l < layers.Length; l++)
            {
                var features = extractor.Layer(l);
                layers[l] = new float[features.Count][];
                for (var p = 0; p < features.Count; p++)
                    features.CopyPatch(p, layers[l][p] = new float[features.Dimension]);
            }

            vectors.Add(layers);
        }

        return vectors;
    }

    private static double Cosine(float[] a, float[] b)
    {
        var (product, aa, bb) = (0.0, 0.0, 0.0);
        for (var k = 0; k < a.Length; k++)
            (product, aa, bb) = (product + ((double)a[k] * b[k]), aa + ((double)a[k] * a[k]), bb + ((double)b[k] * b[k]));
        return aa == 0 && bb == 0 ? 1 : product / Math.Sqrt(aa * bb);
    }

    /// <summary>Returns the distance of each query to the nearest of the rows, which are of another image.</summary>
    private static List<double> Map(float[][] queries, float[][] rows)
    {
        var bank = Some(rows, Rows);
        return [.. Some(queries, Queries).Select(q => bank.Min(r =>
        {
            var sum = 0f;
            for (var k = 0; k < q.Length; k++)
                sum += (q[k] - r[k]) * (q[k] - r[k]);
            return Math.Sqrt(sum);
        }))];
    }

    private static List<float[]> Some(float[][] patches, int maxPatches) =>
        [.. Enumerable.Range(0, Math.Min(maxPatches, patches.Length)).Select(i => patches[(long)i * patches.Length / Math.Min(maxPatches, patches.Length)])];
}
