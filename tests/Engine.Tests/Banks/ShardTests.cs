using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Banks;

public sealed class ShardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Encoder _encoder;
    private readonly List<string> _images;

    public ShardTests()
    {
        _encoder = Encoder.Open(TinyEncoder.Write(_folder.Path), null, 1);
        _images = [.. Enumerable.Range(0, 13).Select(i => Write(i, _folder.File($"{i:00}.png")))];
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(2, 150)]
    [InlineData(3, null)]
    public void Shards_put_together_have_the_rows_of_one_process(int shards, int? rows)
    {
        using var whole = BankFile.Open(Learn("whole", (0, 1), rows));
        var parts = Enumerable.Range(0, shards).Select(i => BankFile.Open(Learn($"part{i}", (i, shards), rows))).ToList();

        BankMerger.Merge(parts, "whole", 1, DateTimeOffset.UnixEpoch, _folder.File("merged.mrfbank"));

        using var merged = BankFile.Open(_folder.File("merged.mrfbank"));
        Assert.Equal(whole.ImageNames(), merged.ImageNames());
        foreach (var branch in whole.BranchNames)
        {
            Assert.Equal(whole.Size(branch), merged.Size(branch));
            Assert.Equal(whole.Sources(branch).ToArray(), merged.Sources(branch).ToArray());
            for (var row = 0; row < whole.Size(branch).Rows; row++)
                Assert.True(whole.Rows(branch).Stored(row).SequenceEqual(merged.Rows(branch).Stored(row)));
        }

        Assert.Equal(13, merged.Description.Calibration.Scores.Count);
        // Fewer images know less: no score is lower than with all of them.
        Assert.True(merged.Description.Calibration.Threshold >= 0.9f * whole.Description.Calibration.Threshold);
        parts.ForEach(p => p.Dispose());
    }

    [Fact]
    public void Good_images_of_every_shard_are_good_images_of_all_and_lie_in_their_usual_range()
    {
        // Images from before and after the camera and the lamp were moved.
        string[] lots = [.. Enumerable.Range(0, 12).Select(i => WritePart(i, _folder.File($"lot{i:00}.png"), i < 6 ? 0 : 4, (byte)(i < 6 ? 200 : 80)))];
        var parts = Enumerable.Range(0, 2).Select(i => BankFile.Open(Learn($"lots{i}", (i, 2), 100, lots))).ToList();

        BankMerger.Merge(parts, "lots", 1, DateTimeOffset.UnixEpoch, _folder.File("lots.mrfbank"));

        using var merged = BankFile.Open(_folder.File("lots.mrfbank"));
        var readings = lots.Select(path =>
        {
            using var image = ImageCodec.Read(path);
            return merged.Description.ReferenceStatistics!.Read(image);
        }).ToList();
        Assert.All(readings, r => Assert.Null(r.Fault));
        Assert.All(readings, r => Assert.InRange(r.Drift!.Value.Light, -1.5, 1.5));
        Assert.All(readings, r => Assert.InRange(r.Drift!.Value.X!.Value, -1.5, 1.5));
        using var dark = new Image(32, 32, 3);
        dark.Bytes.Clear();
        Assert.NotNull(merged.Description.ReferenceStatistics!.FaultOf(dark));
        parts.ForEach(p => p.Dispose());
    }

    [Fact]
    public void Banks_that_share_an_image_are_not_put_together()
    {
        using var one = BankFile.Open(Learn("one", (0, 2), null));
        using var same = BankFile.Open(Learn("same", (0, 2), null));

        var error = Assert.Throws<LearnException>(() => BankMerger.Merge([one, same], "x", 1, DateTimeOffset.UnixEpoch, _folder.File("x.mrfbank")));

        Assert.Contains("'00.png' is in 2 of the banks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_taught_false_alarm_is_gone_and_all_other_rows_stay()
    {
        using var old = BankFile.Open(Learn("old", (0, 1), null));
        var threshold = old.Description.Calibration.Threshold;
        using var odd = ImageCodec.Read(Write(99, _folder.File("odd.png")));
        odd.Bytes.Slice(3 * 32 * 10, 3 * 8).Fill(255);
        File.WriteAllBytes(_folder.File("odd.png"), ImageCodec.Encode(odd, ImageFormat.Png));

        var correction = Teach(old, "taught", threshold, ("taught", "odd.png"));

        var learned = Assert.Single(correction.Images);
        Assert.True(learned.Before >= threshold && learned.After < threshold, $"{learned}, threshold {threshold}");
        using var taught = BankFile.Open(_folder.File("taught.mrfbank"));
        Assert.Equal((2, threshold, "taught"), (taught.Description.Version, taught.Description.Calibration.Threshold, taught.ImageNames()[^1]));
        Assert.Equal(correction.Rows, taught.BranchNames.Sum(b => taught.Size(b).Rows - old.Size(b).Rows));
        foreach (var branch in old.BranchNames)
        {
            Assert.InRange(taught.Size(branch).Rows - old.Size(branch).Rows, 1, old.Size(branch).Rows / 13);
            Assert.True(old.Rows(branch).Stored(0).SequenceEqual(taught.Rows(branch).Stored(0)));
        }

        var error = Assert.Throws<LearnException>(() => Teach(taught, "again", threshold, ("again", "odd.png")));
        Assert.Contains("there is nothing to teach", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_false_alarms_become_one_version_and_what_was_good_stays_out_of_it()
    {
        using var old = BankFile.Open(Learn("old", (0, 1), null));
        var threshold = old.Description.Calibration.Threshold;
        foreach (var (name, at) in ((string, int)[])[("upper.png", 4), ("lower.png", 26)])
        {
            using var odd = ImageCodec.Read(Write(99, _folder.File(name)));
            odd.Bytes.Slice(3 * 32 * at, 3 * 8).Fill(255);
            File.WriteAllBytes(_folder.File(name), ImageCodec.Encode(odd, ImageFormat.Png));
        }

        var correction = Teach(old, "taught", threshold, ("taught-upper", "upper.png"), ("taught-good", Path.GetFileName(_images[0])), ("taught-lower", "lower.png"));

        using var taught = BankFile.Open(_folder.File("taught.mrfbank"));
        Assert.Equal([.. old.ImageNames(), "taught-upper", "taught-lower"], taught.ImageNames());
        Assert.Equal((2, old.Description.Images + 2), (taught.Description.Version, taught.Description.Images));
        Assert.Equal([true, false, true], correction.Images.Select(image => image.Rows > 0 && image.Before >= threshold));
        Assert.All(correction.Images, image => Assert.True(image.After < threshold, $"{image}, threshold {threshold}"));
        Assert.Equal([.. old.Description.Calibration.Scores, correction.Images[0].After, correction.Images[2].After], taught.Description.Calibration.Scores);
        foreach (var branch in taught.BranchNames)
        {
            // Each added row names the image that it came from.
            var added = taught.Sources(branch)[(2 * old.Size(branch).Rows)..].ToArray().Chunk(2).Select(source => taught.ImageNames()[source[0]]);
            Assert.Equal(["taught-lower", "taught-upper"], added.Distinct().Order());
        }
    }

    private BankCorrection Teach(BankFile bank, string to, float threshold, params (string Name, string File)[] images) => new BankEditor(bank, TimeProvider.System).Teach(
        _encoder, [.. images.Select(image => new TaughtImage(image.Name, threshold, () => ImageCodec.Read(_folder.File(image.File))))], 1, _folder.File($"{to}.mrfbank"), null, CancellationToken.None);

    private string Learn(string name, (int, int) shard, int? rows, IReadOnlyList<string>? images = null)
    {
        var request = new LearnRequest
        {
            Images = images ?? _images,
            Shard = shard,
            Id = name,
            Created = DateTimeOffset.UnixEpoch,
            Options = new MrfAdOptions { Scales = [0.5, 1], MinSide = 16, RowsPerBank = rows },
            Folds = 3,
            Threads = 1,
        };
        new BankLearner(_encoder, TimeProvider.System).Learn(request, _folder.File($"{name}.mrfbank"), null, CancellationToken.None);
        return _folder.File($"{name}.mrfbank");
    }

    /// <summary>A bright square on a dark belt.</summary>
    private static string WritePart(int seed, string path, int left, byte light)
    {
        using var image = new Image(32, 32, 3);
        var random = new Random(seed);
        for (var i = 0; i < image.Bytes.Length; i++)
        {
            var (x, y) = ((i / 3 % 32) - left, i / 96);
            image.Bytes[i] = (byte)((x is >= 6 and < 22 && y is >= 8 and < 24 ? light : light / 8) + random.Next(-3, 4));
        }

        File.WriteAllBytes(path, ImageCodec.Encode(image, ImageFormat.Png));
        return path;
    }

    private static string Write(int seed, string path)
    {
        using var image = new Image(32, 32, 3);
        var random = new Random(seed);
        foreach (ref var value in image.Bytes)
            value = (byte)random.Next(120, 130);
        File.WriteAllBytes(path, ImageCodec.Encode(image, ImageFormat.Png));
        return path;
    }
}
