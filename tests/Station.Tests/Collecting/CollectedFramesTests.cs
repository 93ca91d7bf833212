using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Collecting;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Collecting;

public sealed class CollectedFramesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StationHealth _health = new(TimeProvider.System);
    private int _seed;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Good_parts_and_faults_are_known_again_after_a_restart()
    {
        var frames = Frames();
        var (good, blurred, undone) = (Keep(frames), Keep(frames, "blurred"), Keep(frames));
        Assert.True(frames.Mark(good, isGood: true));
        Assert.True(frames.Mark(undone, isGood: true));
        Assert.True(frames.Mark(undone, isGood: false));

        var again = Frames();

        Assert.Equal([(good, true, null), (blurred, false, "blurred"), (undone, false, null)], again.Of("top", "m6").Select(f => (f.Id, f.IsGood, f.Fault)));
        Assert.Equal($"{good}.png", Assert.Single(Directory.GetFiles(_folder.File("collected/m6/top/good")).Select(Path.GetFileName)));
        Assert.All(again.Of("top", "m6"), frame => Assert.True(File.Exists(again.PathOf(frame))));
        Assert.Empty(again.Of("side", "m6"));
    }

    [Fact]
    public void A_frame_is_kept_without_loss()
    {
        var frames = Frames();
        using var image = Noise(7);

        frames.Keep(Guid.CreateVersion7(), "top", "m6", image, null);

        using var kept = ImageCodec.Read(frames.PathOf(Assert.Single(frames.Of("top", "m6"))));
        Assert.True(image.Bytes.SequenceEqual(kept.Bytes));
    }

    [Fact]
    public void The_oldest_frames_that_nobody_called_good_give_way()
    {
        var frames = Frames(new() { KeepFrames = 2 });
        var first = Keep(frames);
        frames.Mark(first, isGood: true);

        var others = Enumerable.Range(0, 4).Select(_ => Keep(frames)).ToList();

        Assert.Equal([first, others[2], others[3]], frames.Of("top", "m6").Select(f => f.Id));
        Assert.Equal(2, Directory.GetFiles(_folder.File("collected/m6/top/frames")).Length);
        Assert.False(frames.Mark(others[0], isGood: true));
    }

    [Fact]
    public void A_budget_full_of_good_parts_is_told_and_nothing_good_is_deleted()
    {
        _health.Prepared();
        var frames = Frames(new() { BudgetMb = 1 });
        var ids = new List<Guid>();
        // Noise of 400x300 in colour is some 360 kB as PNG.
        while (_health.Current.State == StationState.Ready && ids.Count < 10)
        {
            ids.Add(Keep(frames, width: 400, height: 300));
            frames.Mark(ids[^1], isGood: true);
        }

        Assert.Equal(3, ids.Count);
        Assert.Contains("frames are not collected: ", _health.Current.Reason, StringComparison.Ordinal);
        Assert.Contains("collect.budget_mb", _health.Current.Reason, StringComparison.Ordinal);
        Assert.Equal(ids.Take(2), frames.Of("top", "m6").Select(f => f.Id));

        // One that is taken out gives way.
        frames.Mark(ids[0], isGood: false);
        var next = Keep(frames, width: 400, height: 300);
        Assert.Equal([ids[1], next], frames.Of("top", "m6").Select(f => f.Id));
        Assert.Equal((StationState.Ready, null), (_health.Current.State, _health.Current.Reason));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_told_and_stops_nothing()
    {
        _health.Prepared();
        var frames = Frames();
        var folder = _folder.File("collected/m6/top/frames");
        Directory.Delete(folder);
        File.WriteAllText(folder, "a file where the folder should be");

        Keep(frames);
        Assert.Equal(StationState.Degraded, _health.Current.State);
        Assert.Contains("frames are not collected: ", _health.Current.Reason, StringComparison.Ordinal);

        File.Delete(folder);
        Keep(frames);
        Assert.Single(frames.Of("top", "m6"));
        Assert.Equal(StationState.Ready, _health.Current.State);
    }

    [Fact]
    public void A_file_that_somebody_has_deleted_or_put_there_confuses_nothing()
    {
        var frames = Frames();
        var gone = Keep(frames);
        File.Delete(frames.PathOf(frames.Find(gone)!));
        File.WriteAllText(_folder.File("collected/m6/top/good/notes.png"), "no frame of the station");

        Assert.False(frames.Mark(gone, isGood: true));
        Assert.Empty(frames.Of("top", "m6"));
        Assert.Empty(Frames().Of("top", "m6"));
    }

    private CollectedFrames Frames(CollectingOptions? options = null) =>
        new((options ?? new()) with { Folder = _folder.File("collected") }, [("m6", "top"), ("m6", "side")], _health, NullLogger<CollectedFrames>.Instance);

    private Guid Keep(CollectedFrames frames, string? fault = null, int width = 8, int height = 6)
    {
        // The ids sort by the order in which the parts were triggered.
        var id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddSeconds(++_seed));
        using var image = Noise(_seed, width, height);
        frames.Keep(id, "top", "m6", image, fault is null ? null : new PictureFault(fault, fault, null));
        return id;
    }

    private static Image Noise(int seed, int width = 8, int height = 6)
    {
        var image = new Image(width, height, 3);
        new Random(seed).NextBytes(image.Bytes);
        return image;
    }
}
