using MrfAd.Cli.Evaluation;
using MrfAd.Engine.Alignment;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Metrics;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Evaluation;

public sealed class StoredMapsTests : IDisposable
{
    private static readonly MapName[] Names = [new("l4", 1)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("x", 250)]
    [InlineData("é", 125)]
    [InlineData("𝄞", 62)]
    [InlineData("a b#?%*'\"\n\\", 1)]
    [InlineData("..", 1)]
    public void Images_of_any_name_that_a_file_can_have_keep_their_maps_apart(string letter, int count)
    {
        var name = string.Concat(Enumerable.Repeat(letter, count));
        var store = new StoredMaps(_folder.Path);
        DatasetImage[] images = [.. Enumerable.Range(1, 3).Select(i => new DatasetImage($"part/test/{(i == 3 ? "good" : "hole")}/{name}{i % 2}", "test", "hole", "", true, null))];

        foreach (var (i, image) in images.Index())
            store.Write(image, Names, new ScoredImage(2, 1, [new ScoreMap(2, 1, [i, 0])], Ms: 1));

        Assert.Equal([0f, 1f, 2f], images.Select(image => store.Read(image, Names).Maps[0].Scores[0]));
        Assert.False(store.Has(images[0] with { Name = $"part/test/hole/{name}2" }));
    }

    [Fact]
    public void Maps_of_an_upright_part_are_fused_where_the_part_was_seen()
    {
        var store = new StoredMaps(_folder.Path);
        var image = new DatasetImage("part/test/hole/000", "test", "hole", "", true, null);
        var scores = new float[8 * 8];
        scores[(2 * 8) + 5] = 1; // right of the middle, above it
        var quarter = Similarity.About((4, 4), (4, 4), 90);
        store.Write(image, Names, new ScoredImage(8, 8, [new ScoreMap(8, 8, scores)], Ms: 1) { ToFrame = quarter });

        Assert.Equal(quarter, store.Read(image, Names).ToFrame);
        using var maps = new VariantMaps(store, Names, [(image, MaskRegions.None(8, 8))]);
        var seen = maps.Map(0).Scores.ToArray();

        // A quarter turn clockwise: (5.5, 2.5) has gone to (5.5, 5.5).
        Assert.Equal((5 * 8) + 5, Array.IndexOf(seen, seen.Max()));
        Assert.Equal(1, seen.Max(), 3);
    }
}
