using System.Globalization;
using MrfAd.Station.Results;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Results;

public sealed class PictureFilesTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 31, 23, 30, 0, TimeSpan.FromHours(-2));
    private readonly TemporaryFolder _folder = new();
    private readonly List<(string File, string Reason)> _deleted = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_picture_is_a_file_of_its_day_in_universal_time_named_by_its_verdict_and_kind()
    {
        var pictures = Open(1000);

        Assert.Equal($"2026-04-01/{Id(1)}-frame.png", pictures.Write(Id(1), "frame", "image/png", Noon, [1, 2, 3]));
        Assert.Equal($"2026-04-01/{Id(1)}-heatmap.jpg", pictures.Write(Id(1), "heatmap", "image/jpeg", Noon, [4, 5]));

        Assert.Equal([1, 2, 3], File.ReadAllBytes(_folder.File($"pictures/2026-04-01/{Id(1)}-frame.png")));
        Assert.Equal([4, 5], pictures.Read($"2026-04-01/{Id(1)}-heatmap.jpg"));
        Assert.Null(pictures.Read($"2026-04-01/{Id(2)}-frame.png"));
        Assert.Equal(5, pictures.Bytes);
    }

    [Fact]
    public void The_budget_may_be_filled_to_its_last_byte_and_costs_the_oldest_beyond()
    {
        var pictures = Open(30);
        var files = Enumerable.Range(1, 3).Select(i => Write(pictures, i, 10)).ToList();
        Assert.Empty(_deleted);

        var next = Write(pictures, 4, 11);

        Assert.Equal([(files[0], "bytes"), (files[1], "bytes")], _deleted);
        Assert.Equal(21, pictures.Bytes);
        Assert.Equal([null, null], files[..2].Select(pictures.Read));
        Assert.NotNull(pictures.Read(files[2]));
        Assert.NotNull(pictures.Read(next));
    }

    [Fact]
    public void A_picture_larger_than_the_budget_costs_all_others_and_is_written()
    {
        var pictures = Open(30);
        Write(pictures, 1, 10);

        var large = Write(pictures, 2, 40);

        Assert.Single(_deleted);
        Assert.Equal((40, 40), (pictures.Bytes, pictures.Read(large)!.Length));
    }

    [Fact]
    public void A_picture_that_is_written_again_counts_once()
    {
        var pictures = Open(100);
        Write(pictures, 1, 10);
        Write(pictures, 1, 25);

        Assert.Equal(25, pictures.Bytes);
        Assert.True(pictures.DeleteOldest("disk_full"));
        Assert.Equal(0, pictures.Bytes);
        Assert.False(pictures.DeleteOldest("disk_full"));
        Assert.Equal("disk_full", Assert.Single(_deleted).Reason);
    }

    [Fact]
    public void The_next_start_knows_the_pictures_that_are_there_and_leaves_other_files_alone()
    {
        var before = Open(100);
        var first = Write(before, 1, 10);
        Write(before, 2, 20);
        File.WriteAllText(_folder.File("pictures/readme.txt"), "not a picture");

        var pictures = Open(35);
        Assert.Equal(30, pictures.Bytes);
        Write(pictures, 3, 10);

        Assert.Equal((first, "bytes"), Assert.Single(_deleted));
        Assert.True(File.Exists(_folder.File("pictures/readme.txt")));
    }

    [Fact]
    public void A_picture_that_somebody_deleted_is_forgotten_when_it_is_the_oldest()
    {
        var pictures = Open(100);
        var file = Write(pictures, 1, 10);
        File.Delete(_folder.File("pictures/" + file));

        Assert.True(pictures.Delete(file));
        Assert.Equal(0, pictures.Bytes);
        Assert.True(pictures.Delete(file));
        Assert.Equal(0, pictures.Bytes);
    }

    [Fact]
    public void One_that_cannot_be_deleted_stays_counted_and_holds_up_no_new_one()
    {
        var pictures = Open(20);
        var file = Write(pictures, 1, 15);
        File.Delete(_folder.File("pictures/" + file));
        Directory.Delete(_folder.File("pictures/2026-04-01"));
        File.WriteAllText(_folder.File("pictures/2026-04-01"), "a file where the day's folder was");

        Assert.ThrowsAny<IOException>(() => Write(pictures, 2, 15));
        Assert.Null(pictures.Read(file));
    }

    private PictureFiles Open(long budget)
    {
        var pictures = new PictureFiles(_folder.Path, budget);
        pictures.Deleted += (file, reason) => _deleted.Add((file, reason));
        return pictures;
    }

    private static string Write(PictureFiles pictures, int number, int bytes) => pictures.Write(Id(number), "frame", "image/png", Noon, new byte[bytes]);

    private static Guid Id(int number) => Guid.Parse(number.ToString("x32", CultureInfo.InvariantCulture));
}
