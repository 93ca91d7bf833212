using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Platform;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Learning;

/// <summary>The choice of a map by painted defects on held-out good images.</summary>
public sealed class MapChoiceTests : IDisposable
{
    private static readonly FeatureShape Plain = FeatureShape.Plain, Unit = FeatureShape.Parse("unit"), Whitened = FeatureShape.Parse("pool3+w4");

    // Of a single axis without its scale hardly anything of a part can be seen.
    private static readonly FeatureShape Blind = FeatureShape.Parse("pool9+unit+w1^1");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_map_that_sees_more_of_the_defects_is_chosen()
    {
        var choice = Learn(new MapCandidate([Blind], false), new MapCandidate([Plain], false)).Choice!;

        Assert.Equal(["pool9+unit+w1^1", "plain"], choice.Tried.Select(t => t.Name));
        Assert.Equal(1, choice.Chosen);
        Assert.True(choice.Tried[1].Gain > 3 * choice.Tried[1].GainError, $"{choice.Tried[1]}");
        Assert.Equal((0, 0), (choice.Tried[0].Gain, choice.Tried[0].GainError));
        Assert.All(choice.Tried, t => Assert.InRange(t.AuPro + t.ImageAuRoc, 0.1, 2));
        Assert.InRange(choice.Painted, 50, 70);
        Assert.Equal(12, choice.Good);
    }

    /// <summary>The same candidates in the other order: the first is kept where the others are worse.</summary>
    [Fact]
    public void The_first_is_kept_where_none_is_better()
    {
        var choice = Learn(new MapCandidate([Plain], false), new MapCandidate([Blind], false)).Choice!;

        Assert.Equal(0, choice.Chosen);
        Assert.True(choice.Tried[1].Gain < 0);
    }

    /// <summary>Nine good images say nothing, whatever the figures are.</summary>
    [Fact]
    public void The_first_is_kept_where_images_are_few()
    {
        var few = Learn(Request with { Candidates = [new MapCandidate([Blind], false), new MapCandidate([Plain], false)] }, "test.mrfbank", images: 9).Choice!;

        Assert.True(few.IsThin);
        Assert.Equal(0, few.Chosen);
        Assert.True(few.Tried[1].Gain > 3 * few.Tried[1].GainError, $"{few.Tried[1]}");
    }

    /// <summary>Maps of one branch are told apart by nothing but their level.</summary>
    [Fact]
    public void The_first_is_kept_where_another_is_as_good()
    {
        var choice = Learn([0.5], new MapCandidate([Plain], false), new MapCandidate([Plain, Blind], true), new MapCandidate([Plain], true)).Choice!;

        Assert.Equal(0, choice.Chosen);
        Assert.Equal(0, choice.Tried[2].Gain, 1e-9);
        Assert.Equal(0, choice.Tried[2].GainError, 1e-9);
    }

    [Theory]
    [InlineData("plain", false)]
    [InlineData("plain", true)]
    [InlineData("unit,plain", true)]
    [InlineData("plain,unit,pool3+w4", false)]
    public void The_bank_is_the_one_that_learning_makes_with_what_was_chosen(string shapes, bool level)
    {
        var chosen = new MapCandidate([.. shapes.Split(',').Select(FeatureShape.Parse)], level);
        Assert.Equal(1, Learn(new MapCandidate([Blind], false), chosen, new MapCandidate([Blind, Plain, Unit, Whitened], true)).Choice!.Chosen);

        Learn(Request with { Options = Request.Options with { Shapes = chosen.Shapes, LevelMaps = level } }, "direct.mrfbank");

        using var bank = BankFile.Open(_folder.File("test.mrfbank"));
        using var direct = BankFile.Open(_folder.File("direct.mrfbank"));
        Assert.Equal(direct.Description.ToJson(), (bank.Description with { Choice = null }).ToJson());
        foreach (var name in direct.BranchNames)
        {
            var (expected, rows) = (direct.Rows(name), bank.Rows(name));
            Assert.Equal(expected.Count, rows.Count);
            Assert.Equal(expected.Get(0, expected.Count, []).ToArray(), rows.Get(0, rows.Count, []).ToArray());
        }
    }

    [Fact]
    public void The_choice_is_the_same_each_time_and_stands_in_the_bank()
    {
        MapCandidate[] candidates = [new([Plain], false), new([Unit], true), new([Plain, Whitened], true)];
        var first = Learn(candidates);

        Assert.Equal(first.ToJson(), (Learn(candidates) with { Created = first.Created }).ToJson());
        using var bank = BankFile.Open(_folder.File("test.mrfbank"));
        Assert.Equal(first.Choice!.Tried, bank.Description.Choice!.Tried);
    }

    public static TheoryData<LearnRequest> Unchoosable() =>
    [
        Request with { Budget = 100_000 },
        Request with { Shard = (0, 2) },
        Request with { Options = Request.Options with { Reduction = RowReduction.Coreset } },
    ];

    [Theory]
    [MemberData(nameof(Unchoosable), DisableDiscoveryEnumeration = true)]
    public void What_depends_on_the_rows_that_are_kept_is_refused(LearnRequest request)
    {
        var refused = Assert.Throws<LearnException>(() => Learn(request with { Candidates = MapCandidate.All }, "test.mrfbank"));

        Assert.Contains("cannot be chosen together with a coreset, a budget or shards", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("test.mrfbank")));
    }

    [Fact]
    public void The_paper_is_the_first_of_the_candidates() => Assert.Equal(("plain", false), (MapCandidate.All[0].Name, MapCandidate.All[0].LevelMaps));

    private static LearnRequest Request { get; } = new() { Images = [], Id = "test", Created = default, Options = new MrfAdOptions { Scales = [0.5, 1], MinSide = 8, RowsPerBank = 400 }, Threads = 1 };

    private BankDescription Learn(params MapCandidate[] candidates) => Learn([0.5, 1], candidates);

    private BankDescription Learn(double[] scales, params MapCandidate[] candidates) =>
        Learn(Request with { Options = Request.Options with { Scales = scales }, Candidates = candidates }, "test.mrfbank");

    private BankDescription Learn(LearnRequest request, string bank, int images = 12)
    {
        using var encoder = Encoder.Open(TinyEncoder.Write(_folder.Path), request.Options.Scales.Count == 1 ? ["l4"] : null, 1);
        return new BankLearner(encoder, TimeProvider.System).Learn(request with { Images = [.. Enumerable.Range(0, images).Select(Part)] }, _folder.File(bank), null, default).Description;
    }

    /// <summary>A noisy square on a white background.</summary>
    private string Part(int seed)
    {
        var path = _folder.File($"{seed}.png");
        if (File.Exists(path))
            return path;
        var random = new Random(seed);
        using var image = new Image(96, 96, 1);
        for (var i = 0; i < 96 * 96; i++)
            image.Bytes[i] = i % 96 is < 16 or >= 80 || i / 96 is < 16 or >= 80 ? (byte)250 : (byte)(40 + random.Next(60));
        AtomicFile.Write(path, ImageCodec.Encode(image, ImageFormat.Png));
        return path;
    }
}
