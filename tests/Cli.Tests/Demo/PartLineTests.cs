using MrfAd.Cli.Demo;
using MrfAd.Cli.Demo.Line;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Demo;

public sealed class PartLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kinds => [.. Defect.Kinds.Keys];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_same_seed_makes_the_same_files_and_another_seed_makes_others()
    {
        var (first, again, other) = (Write("first", 1), Write("again", 1), Write("other", 2));

        Assert.Equal(first.Keys, again.Keys);
        Assert.All(first, file => Assert.Equal(file.Value, again[file.Key]));
        Assert.All(first, file => Assert.NotEqual(file.Value, other[file.Key]));
    }

    [Fact]
    public void A_line_has_the_layout_of_MVTec_AD_with_every_kind_and_a_mask_for_each_defect()
    {
        new PartLine(Train: 2, Good: 1, OfEachKind: 1, Seed: 3).Write(_folder.Path, () => { }, CancellationToken.None);

        var dataset = InspectionDataset.Read(_folder.Path);
        Assert.Equal(2, dataset.Train.Count);
        Assert.Equal(["good", .. Defect.Kinds.Keys], dataset.Test.Select(t => t.Kind).OrderBy(k => k != "good").ThenBy(k => k, StringComparer.Ordinal));
        Assert.All(dataset.Test, part => Assert.Equal(part.IsDefective, part.Mask is not null));
        Assert.All(dataset.Test.Where(t => t.IsDefective), part => Assert.True(Defective(ImageCodec.Read(part.Mask!)) > 0, part.Name));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_defect_changes_the_picture_inside_its_mask_and_nowhere_else(string kind)
    {
        for (var size = 0f; size <= 1; size += 0.5f)
        {
            var dice = new SeededRandom((ulong)(100 * size));
            var pose = PartPose.Draw(dice);
            var defect = Defect.Kinds[kind](size, dice);
            using var good = PartPicture.Take(pose);
            using var bad = PartPicture.Take(pose, defect);
            using var mask = PartPicture.Mask(pose, defect);

            var (inside, changed) = (0, 0);
            for (var i = 0; i < mask.ByteCount; i++)
            {
                var same = good.Bytes.Slice(3 * i, 3).SequenceEqual(bad.Bytes.Slice(3 * i, 3));
                if (mask.Bytes[i] == 0)
                    Assert.True(same, $"{kind} of size {size} changes pixel {i % mask.Width}, {i / mask.Width} outside its mask");
                else
                    (inside, changed) = (inside + 1, changed + (same ? 0 : 1));
            }

            Assert.True(inside >= 20, $"{kind} of size {size} covers only {inside} pixels");
            Assert.True(changed > 0.8 * inside, $"{kind} of size {size} changes only {changed} of the {inside} pixels of its mask");
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(41)]
    [InlineData(100)]
    public void As_many_parts_are_judged_as_were_asked_for(int judged)
    {
        var line = PartLine.Of(60, judged, 1);

        Assert.Equal(60 + judged, line.Count);
        Assert.True(line.Good >= 1 && line.OfEachKind >= 1, $"{line}");
    }

    [Fact]
    public void Good_parts_differ_from_one_another()
    {
        var poses = Enumerable.Range(0, 20).Select(i => PartPose.Draw(new SeededRandom((ulong)i))).ToList();

        Assert.Equal(20, poses.Distinct().Count());
        using var one = PartPicture.Take(poses[0]);
        using var other = PartPicture.Take(poses[1]);
        Assert.False(one.Bytes.SequenceEqual(other.Bytes));
    }

    private SortedDictionary<string, byte[]> Write(string name, int seed)
    {
        var folder = _folder.File(name);
        new PartLine(Train: 1, Good: 1, OfEachKind: 1, seed).Write(folder, () => { }, CancellationToken.None);
        return new(
            Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllBytes),
            StringComparer.Ordinal);
    }

    private static int Defective(Image mask)
    {
        using (mask)
            return mask.ByteCount - mask.Bytes.Count((byte)0);
    }
}
