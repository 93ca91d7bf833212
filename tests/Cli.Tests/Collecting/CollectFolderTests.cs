using MrfAd.Cli.Collecting;
using MrfAd.Platform;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Collecting;

public sealed class CollectFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();

    private string Good => _folder.File("good");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_sort_in_the_order_in_which_pictures_were_taken_also_where_the_clock_stands_still()
    {
        var folder = new CollectFolder(Good, _clock);
        List<string> paths = [];
        for (var i = 0; i < 4; i++)
            paths.Add(Add(folder, (byte)(100 + i)).Path!);

        Assert.Equal(paths, paths.Order(StringComparer.Ordinal));
        Assert.Equal("20260101T120000.000Z.png", Path.GetFileName(paths[0]));
        Assert.Equal(paths, Directory.GetFiles(Good, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_is_there_is_not_overwritten()
    {
        Directory.CreateDirectory(Good);
        File.WriteAllText(Path.Combine(Good, "20260101T120000.000Z.png"), "of somebody else");
        var picture = Add(new CollectFolder(Good, _clock), 100);

        Assert.Equal("20260101T120000.001Z.png", picture.Name);
        Assert.Equal("of somebody else", File.ReadAllText(Path.Combine(Good, "20260101T120000.000Z.png")));
    }

    [Fact]
    public void A_picture_unlike_the_others_is_kept_beside_with_the_reason_in_its_name()
    {
        var folder = new CollectFolder(Good, _clock);
        for (var i = 0; i < 5; i++)
            Assert.True(Add(folder, (byte)(100 + i)).IsGood);

        var dark = Add(folder, 40);
        Assert.False(dark.IsGood);
        Assert.StartsWith("dark: mean brightness 0.1569, want at least 0.2", dark.Reason, StringComparison.Ordinal);
        Assert.Equal(_folder.File("flagged"), Path.GetDirectoryName(dark.Path));
        Assert.EndsWith("Z-dark.png", dark.Path, StringComparison.Ordinal);
        Assert.EndsWith("Z-white.png", Add(folder, 255).Path, StringComparison.Ordinal);
        Assert.EndsWith("Z-size.png", Add(folder, 100, width: 16).Path, StringComparison.Ordinal);
        Assert.Equal(5, Directory.GetFiles(Good).Length);
    }

    [Fact]
    public void The_very_same_picture_is_told_and_not_kept_again_also_by_a_later_run()
    {
        var first = Add(new CollectFolder(Good, _clock), 100);

        var later = new CollectFolder(Good, _clock);
        Assert.Equal(1, later.Before);
        var again = Add(later, 100);
        Assert.Equal((null, first.Path, false), (again.Path, again.SameAs, again.IsGood));
        Assert.Single(Directory.GetFiles(Good));
        // One that was taken away meanwhile is none.
        File.Delete(first.Path!);
        Assert.True(Add(later, 100).IsGood);
    }

    [Fact]
    public void A_later_run_compares_with_the_pictures_that_are_there()
    {
        var first = new CollectFolder(Good, _clock);
        for (var i = 0; i < 5; i++)
            Add(first, (byte)(100 + i));
        File.WriteAllText(Path.Combine(Good, "damaged.png"), "no picture");

        Assert.NotNull(Add(new CollectFolder(Good, _clock), 40).Reason);
        Assert.NotNull(Add(new CollectFolder(Good, _clock), 100, width: 16).Reason);
    }

    [Fact]
    public void The_first_pictures_are_named_at_the_end_where_later_ones_are_unlike_them()
    {
        var folder = new CollectFolder(Good, _clock);
        var dark = Add(folder, 30);
        for (var i = 0; i < 6; i++)
            Add(folder, (byte)(100 + i));

        Assert.Equal(dark.Path, Assert.Single(folder.LookAgain()).Path);
    }

    [Fact]
    public void What_can_be_no_folder_is_named()
    {
        File.WriteAllText(_folder.File("file"), "");
        Assert.Equal($"--out: '{_folder.File("file")}' is a file, want a folder", Assert.Throws<UsageException>(() => new CollectFolder(_folder.File("file"), _clock)).Message);
        File.WriteAllText(_folder.File("flagged"), "");
        Assert.Equal($"--out: '{_folder.File("flagged")}' is a file, want a folder", Assert.Throws<UsageException>(() => new CollectFolder(Good, _clock)).Message);
        Assert.Contains("beside which 'flagged'", Assert.Throws<UsageException>(() => CollectFolder.FlaggedBeside("parts/flagged/")).Message, StringComparison.Ordinal);
        Assert.Contains("got '/'", Assert.Throws<UsageException>(() => CollectFolder.FlaggedBeside("/")).Message, StringComparison.Ordinal);
        Assert.Equal(Path.Combine("parts", "flagged"), CollectFolder.FlaggedBeside("parts/good/"));
        Assert.Equal("flagged", CollectFolder.FlaggedBeside("good"));
    }

    [Fact]
    public void A_folder_that_may_not_be_written_is_named_before_a_picture_is_taken()
    {
        Directory.CreateDirectory(Good);
        using var locked = new LockedFolder(Good);

        Assert.Contains(Good, Assert.ThrowsAny<IOException>(() => new CollectFolder(Good, _clock)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_an_error_that_names_the_file_and_leaves_no_part_of_it()
    {
        using var disk = SmallDisk.Mount(out var why);
        Assert.SkipWhen(disk is null, why);
        var folder = new CollectFolder(Path.Combine(disk.Path, "good"), _clock);
        Add(folder, 100);
        disk.Fill();

        var error = Assert.ThrowsAny<IOException>(() => Add(folder, 101));
        Assert.Contains(Path.Combine(disk.Path, "good"), error.Message, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.Combine(disk.Path, "good")));
    }

    private static CollectedPicture Add(CollectFolder folder, byte brightness, int width = 32)
    {
        using var image = TestPart.Make(brightness, width);
        return folder.Add(image);
    }
}
