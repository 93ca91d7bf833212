using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Verdicts;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Banks;

/// <summary>The reference statistics of banks that are put together.</summary>
public sealed class MergedStatisticsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Encoder _encoder;

    public MergedStatisticsTests() => _encoder = Encoder.Open(TinyEncoder.Write(_folder.Path), null, 1);

    public void Dispose()
    {
        _encoder.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void With_a_bank_whose_parts_are_not_alike_no_part_is_looked_for()
    {
        // Three in four images are alike, so the mean of all is like theirs.
        var alike = Learn("alike", 12, i => Part(i));
        var noise = Learn("noise", 4, Noise);
        Assert.NotNull(alike.MinCorrelation);
        Assert.Null(noise.MinCorrelation);

        foreach (var merged in (ReferenceStatistics[])[Merge("first", "alike", "noise"), Merge("second", "noise", "alike")])
        {
            Assert.Equal((null, null), (merged.MinCorrelation, merged.MaxShift));
            Assert.Equal((null, null), (merged.Appearance!.X, merged.Appearance.Y));
        }
    }

    [Fact]
    public void The_limits_are_those_of_the_worst_bank_and_a_usual_value_lies_between_by_their_numbers_of_images()
    {
        var (a, b) = (Learn("dim", 8, i => Part(i, light: 0.5, contrast: i)), Learn("bright", 4, i => Part(20 + i)));

        var merged = Merge("both", "dim", "bright");

        Assert.Equal(Math.Min(a.MinBrightness, b.MinBrightness), merged.MinBrightness);
        Assert.Equal(Math.Max(a.MaxSaturated, b.MaxSaturated), merged.MaxSaturated);
        Assert.Equal(Math.Min(a.MinSharpness, b.MinSharpness), merged.MinSharpness);
        var (of, other, focus) = (a.Appearance!.Focus, b.Appearance!.Focus, merged.Appearance!.Focus);
        Assert.NotEqual(of.Spread, other.Spread);
        Assert.Equal(((8 * of.Median) + (4 * other.Median)) / 12, focus.Median, 1e-9);
        Assert.Equal(Math.Max(of.Spread + Math.Abs(of.Median - focus.Median), other.Spread + Math.Abs(other.Median - focus.Median)), focus.Spread, 1e-9);
        Assert.All(a.Appearance.Grey.Zip(b.Appearance.Grey, merged.Appearance.Grey), grey => Assert.Equal(((8 * grey.First) + (4 * grey.Second)) / 12.0, grey.Third, 0.51));
    }

    [Fact]
    public void Banks_of_the_same_images_have_the_limits_of_one()
    {
        var one = Learn("one", 6, i => Part(i));
        Learn("two", 6, i => Part(i));

        var merged = Merge("both", "one", "two");

        Assert.Equal(one.MinCorrelation!.Value, merged.MinCorrelation!.Value, 0.02);
        Assert.Equal(one.MaxShift!.Value, merged.MaxShift!.Value, 0.002);
        Assert.All(one.Mean.Zip(merged.Mean), mean => Assert.Equal(mean.First, (double)mean.Second, 1.0));
        var (usual, both) = (one.Appearance!, merged.Appearance!);
        foreach (var (wanted, got) in (IEnumerable<(ReferenceValue, ReferenceValue)>)[(usual.Light, both.Light), (usual.Focus, both.Focus), (usual.X!, both.X!), (usual.Y!, both.Y!)])
        {
            Assert.Equal(wanted.Median, got.Median, 0.002);
            Assert.Equal(wanted.Spread, got.Spread, 0.002);
        }
    }

    [Fact]
    public void Parts_that_lie_elsewhere_in_another_bank_may_move_by_that_much_more()
    {
        var (left, right) = (Learn("left", 6, i => Cone(i)), Learn("right", 6, i => Cone(i, move: 2)));

        var merged = Merge("both", "left", "right");

        // The mean of both lies half way between the places, which are two of 32 pixels apart.
        Assert.Equal(Math.Max(left.MaxShift!.Value, right.MaxShift!.Value) + (1.0 / 32), merged.MaxShift!.Value, 0.01);
        // Neither bank's mean is that of both, so the least like part may be less like it.
        Assert.InRange(merged.MinCorrelation!.Value, 0.3, Math.Min(left.MinCorrelation!.Value, right.MinCorrelation!.Value) - 0.005);
        Assert.Equal(1.0 / 32, merged.Appearance!.X!.Spread - left.Appearance!.X!.Spread, 0.01);
    }

    [Theory]
    [InlineData("earlier", "alike")]
    [InlineData("alike", "earlier")]
    public void With_a_bank_that_has_no_statistics_there_are_none(string first, string second)
    {
        Learn("alike", 6, i => Part(i));
        Learn("other", 6, i => Part(20 + i));
        TestModel.Vary(Bank("other"), Bank("earlier"), 1, change: d => d["good_images"] = null);

        Assert.Null(MergeOf("both", first, second));
    }

    [Fact]
    public void Means_of_one_brightness_show_no_part()
    {
        Learn("flat", 4, Flat);
        Learn("flatter", 4, i => Flat(10 + i));

        var merged = Merge("both", "flat", "flatter");

        Assert.All(merged.Mean, v => Assert.Equal(0, v));
        Assert.Null(merged.MinCorrelation);
    }

    [Fact]
    public void Each_mean_counts_by_its_number_of_images_whatever_its_contrast()
    {
        // A few pixels are bright in the mean of one, and a quarter of them in that of the other.
        var (few, many) = (Learn("few", 8, i => Part(i, right: 9, below: 11)), Learn("many", 4, i => Part(i)));

        var merged = Merge("both", "few", "many");

        double[] sums = [.. Unit(few.Mean).Zip(Unit(many.Mean), (a, b) => (2 * a) + b)];
        var (low, high) = (sums.Min(), sums.Max());
        Assert.All(sums.Zip(merged.Mean), v => Assert.Equal((v.First - low) / (high - low) * 255, v.Second, 0.51));
    }

    private static double[] Unit(byte[] values)
    {
        var mean = values.Average(v => (double)v);
        var length = Math.Sqrt(values.Sum(v => Math.Pow(v - mean, 2)));
        return [.. values.Select(v => (v - mean) / length)];
    }

    private ReferenceStatistics Learn(string name, int count, Func<int, Image> make)
    {
        List<string> images = [];
        for (var i = 0; i < count; i++)
        {
            using var image = make(i);
            images.Add(_folder.File($"{name}{i}.png"));
            File.WriteAllBytes(images[^1], ImageCodec.Encode(image, ImageFormat.Png));
        }

        var request = new LearnRequest
        {
            Images = images,
            Id = name,
            Created = DateTimeOffset.UnixEpoch,
            Options = new MrfAdOptions { Scales = [0.5], MinSide = 16, RowsPerBank = 20 },
            Folds = 3,
            Threads = 1,
        };
        return new BankLearner(_encoder, TimeProvider.System).Learn(request, Bank(name), null, CancellationToken.None).Description.ReferenceStatistics!;
    }

    private ReferenceStatistics Merge(string name, string first, string second) => MergeOf(name, first, second)!;

    private ReferenceStatistics? MergeOf(string name, string first, string second)
    {
        using var one = BankFile.Open(Bank(first));
        using var two = BankFile.Open(Bank(second));
        return BankMerger.Merge([one, two], name, 1, DateTimeOffset.UnixEpoch, Bank(name)).Description.ReferenceStatistics;
    }

    private string Bank(string name) => _folder.File($"{name}.mrfbank");

    /// <summary>A bright square on a dark belt.</summary>
    private static Image Part(int seed, double light = 1, int contrast = 0, int right = 22, int below = 24)
    {
        var random = new Random(seed);
        var image = new Image(32, 32, 3);
        for (var i = 0; i < image.Bytes.Length; i++)
        {
            var (x, y) = (i / 3 % 32, i / 96);
            image.Bytes[i] = (byte)(light * ((x >= 6 && x < right && y >= 8 && y < below ? 200 : 30 + (4 * contrast)) + random.Next(-3, 4)));
        }

        return image;
    }

    /// <summary>A part that is brightest at its middle, whose place is measured to a fraction of a pixel.</summary>
    private static Image Cone(int seed, int move = 0)
    {
        var random = new Random(seed);
        var image = new Image(32, 32, 3);
        for (var i = 0; i < image.Bytes.Length; i++)
        {
            var (x, y) = ((i / 3 % 32) - 14 - move, (i / 96) - 15);
            image.Bytes[i] = (byte)(Math.Max(30, 220 - (20 * Math.Sqrt((x * x) + (y * y)))) + random.Next(-3, 4));
        }

        return image;
    }

    private static Image Flat(int seed)
    {
        var image = new Image(32, 32, 3);
        image.Bytes.Fill((byte)(100 + seed));
        return image;
    }

    private static Image Noise(int seed)
    {
        var image = new Image(32, 32, 3);
        new Random(seed).NextBytes(image.Bytes);
        return image;
    }
}
