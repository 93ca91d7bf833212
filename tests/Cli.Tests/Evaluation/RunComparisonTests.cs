using MrfAd.Cli.Evaluation;
using MrfAd.Cli.Evaluation.Report;
using MrfAd.Engine.Fusion;

namespace MrfAd.Cli.Tests.Evaluation;

public sealed class RunComparisonTests
{
    [Fact]
    public void An_image_is_better_where_its_rank_or_its_overlap_rose_and_the_verdict_says_what_that_meant()
    {
        var before = Run("a", Image("x", max: 1, rank: 0.5, auPro: 0.4), Image("y", max: 3, rank: 1, auPro: 0.9), Image("z", max: 3, rank: 1, auPro: 0.9), Image("gone", 1, 1, 1));
        var now = Run("b", Image("x", max: 30, rank: 1, auPro: 0.4), Image("y", max: 3, rank: 1, auPro: 0.7), Image("z", max: 3, rank: 1, auPro: 0.9));

        var change = Assert.Single(RunComparison.Of(before, now).Objects);

        Assert.Equal(("x", "missed", "found"), (change.Better.Single().Name, change.Better[0].VerdictBefore, change.Better[0].VerdictNow));
        Assert.Equal(-0.2, change.Worse.Single().Change, 1e-9);
        Assert.Equal((1, 1), (change.Same, change.Unmatched));
        Assert.Equal(new FigureChange("au_pro_0.05", 0.5, 0.5), Assert.Single(change.Figures));
    }

    [Fact]
    public void A_figure_that_one_object_lacks_has_no_mean_and_no_number_in_a_table()
    {
        var run = Run("a") with { Objects = [Object("one", []), Object("two", []) with { Variants = [new VariantResult(Variant.Fused, new Dictionary<string, double>(), null, [])] }] };
        Assert.Empty(run.Mean()[0].Figures);
        Assert.Contains("| **all** | – |", ResultTables.Markdown(run, null, mainOnly: false), StringComparison.Ordinal);
        Assert.Contains("two,all,900x900,,,", ResultTables.Csv(run), StringComparison.Ordinal);
    }

    private static RunResult Run(string method, params ImageResult[] images) => new(RunResult.CurrentFormat, method, [], [Object("bottle", images)], []);

    private static ObjectResult Object(string name, ImageResult[] images) => new(
        name, 50, 0, 0, images.Length, images.Length, "900x900", 2, new HeatmapScale(0, 1), null, [],
        [new VariantResult(Variant.Fused, new Dictionary<string, double> { ["au_pro_0.05"] = 0.5 }, null, [])], images, [], []);

    private static ImageResult Image(string name, float max, double rank, double auPro) => new(name, "broken", true, 900, 900, max, max, rank, auPro, 1);
}
