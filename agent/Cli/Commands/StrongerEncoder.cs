using System.Globalization;
using MrfAd.Engine.Features;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary>Estimates whether a DINOv2 or DINOv3 encoder would fit a device: its number of operations divided by the measured rate of matrix products.</summary>
public static class StrongerEncoder
{
    private const int Blocks = 12; // the papers use the output of the twelfth block
    private const int PrefixTokens = 5;

    // The whole encoder ran at 0.76 to 0.99 of the rate of matrix products alone (tests/Benchmarks/RESULTS.md).
    private const double Share = 0.75;

    private const int Rows = 2048;
    private const int Inputs = 768;
    private const int Outputs = 3072;

    // The strongest model of each family comes first.
    private static readonly (string Name, int Patch, string Source, (string Size, int Dimension)[] Sizes)[] Families =
    [
        ("dinov2-reg", 14, "'mrfad model fetch {0}', then 'mrfad model build'", [("b", 768), ("s", 384)]),
        ("dinov3", 16, "'mrfad model fetch {0}' says where its file is from", [("b", 768), ("s", 384)]),
    ];

    /// <param name="width">Width of the images in pixels.</param>
    /// <param name="height">Height of the images in pixels.</param>
    /// <param name="spareMs">Milliseconds of a frame that are left for the encoder.</param>
    /// <exception cref="OnnxModelException">The device cannot run a matrix product.</exception>
    public static CheckResult Estimate(DeviceProfile profile, OnnxDevice device, int threads, int width, int height, double spareMs, TimeProvider clock)
    {
        var rate = Share * OperationsPerMs(profile.EncoderPrecision, device, threads, clock);
        var (fitting, slow) = (new List<string>(), new List<string>());
        foreach (var (family, patch, source, sizes) in Families)
        {
            var views = ViewSizes.Of(width, height, new MrfAdOptions { Scales = profile.Scales }, patch);
            var times = sizes.Select(s => (Name: $"{family}-{s.Size}", Ms: views.Sum(v => Operations(v, patch, s.Dimension)) / rate)).ToList();
            if (times.Find(t => t.Ms <= spareMs) is { Name: { } name, Ms: var ms })
                fitting.Add(FormattableString.Invariant($"{name} fits, about {ms:0} of {spareMs:0} ms a frame: {string.Format(CultureInfo.InvariantCulture, source, name)}"));
            else
                slow.AddRange(times.Select(t => FormattableString.Invariant($"{t.Name} would take about {t.Ms:0} ms a frame")));
        }

        return new CheckResult("stronger encoder", true, fitting.Count > 0
            ? string.Join("; ", fitting)
            : FormattableString.Invariant($"none fits: {string.Join(", ", slow)}, there are {spareMs:0}"), 0);
    }

    /// <summary>Counts the operations of the projections and the MLP, then of attention; a multiplication with its addition counts as two.</summary>
    private static double Operations(View view, int patch, int dimension)
    {
        var tokens = ((double)view.Width / patch * (view.Height / patch)) + PrefixTokens;
        return Blocks * tokens * ((24.0 * dimension * dimension) + (4 * tokens * dimension));
    }

    private static double OperationsPerMs(GraphPrecision precision, OnnxDevice device, int threads, TimeProvider clock)
    {
        var random = new Random(1);
        var graph = new GraphBuilder("product", precision);
        graph.Output(graph.Linear(graph.Input("x", Rows, Inputs), Values(Inputs * Outputs), Values(Outputs), Inputs, "product"));
        using var session = new OnnxSession(graph.ToGraph(["product"]).ToBytes(), "product", threads, device with { EngineFolder = null });
        using var run = session.Prepare("x", [Rows, Inputs], ["product"]);
        Values(Rows * Inputs).CopyTo(run.Input);
        run.Execute();
        var best = double.PositiveInfinity;
        for (var i = 0; i < 5; i++)
        {
            var start = clock.GetTimestamp();
            run.Execute();
            best = Math.Min(best, clock.GetElapsedTime(start).TotalMilliseconds);
        }

        return 2.0 * Rows * Inputs * Outputs / best;

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
    }
}
