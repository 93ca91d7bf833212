using MrfAd.Contracts;
using MrfAd.Station.History;
using MrfAd.Station.Review;
using MrfAd.Station.Tests.History;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Review;

public sealed class ReviewQueuesTests : IDisposable
{
    private readonly HistoryLab _lab = new(4000);
    private readonly TemporaryFolder _evidence = new();
    private readonly ReviewQueues _queues;

    public ReviewQueuesTests() => _queues = new ReviewQueues(_lab.Store.OpenRead, new KeptPictures(_lab.Folder, _evidence.Path));

    [Fact]
    public void NG_parts_wait_newest_first_of_one_camera_or_all()
    {
        var ng = _lab.Everything().Where(v => v.Verdict == Verdict.Ng).ToList();

        Assert.Equal(ng.Take(20).Select(v => v.Id), _queues.Next(ReviewQueues.Ng, null, 20).Select(v => v.Id));
        Assert.Equal(ng.Where(v => v.Camera == "top").Take(20).Select(v => v.Id), _queues.Next(ReviewQueues.Ng, "top", 20).Select(v => v.Id));
    }

    [Fact]
    public void Doubtful_parts_are_OK_and_within_a_tenth_of_the_threshold()
    {
        var doubtful = _lab.Everything().Where(v => v.Verdict == Verdict.Ok && v.Score >= 0.9 * v.Threshold).ToList();

        Assert.NotEmpty(doubtful);
        Assert.Equal(doubtful.Select(v => v.Id), _queues.Next(ReviewQueues.Doubtful, null, 1000).Select(v => v.Id));
    }

    [Fact]
    public async Task A_labelled_part_leaves_its_queue()
    {
        var first = _queues.Next(ReviewQueues.Ng, null, 2);
        await _lab.LabelAsync(first[0].Id, PartLabels.Unsure, ReviewQueues.Ng);

        Assert.Equal(first[1].Id, _queues.Next(ReviewQueues.Ng, null, 1)[0].Id);
    }

    [Fact]
    public void The_sample_is_the_OK_parts_of_which_a_frame_is_kept()
    {
        var parts = _lab.Everything();
        Directory.CreateDirectory(_evidence.File("top"));
        foreach (var part in parts.Where((_, i) => i % 50 == 0).Concat(parts.Where(v => v.Verdict == Verdict.Ng).Take(5)))
            File.WriteAllText(_evidence.File($"top/{part.Id}.png"), "");
        File.WriteAllText(_evidence.File("top/notes.png"), "");
        var wanted = parts.Where((_, i) => i % 50 == 0).Where(v => v.Verdict == Verdict.Ok).Select(v => v.Id).ToList();

        Assert.Equal(wanted, _queues.Next(ReviewQueues.Sample, null, 1000).Select(v => v.Id));
        Assert.Equal(wanted.Take(7), _queues.Next(ReviewQueues.Sample, null, 7).Select(v => v.Id));
    }

    public void Dispose()
    {
        _lab.Dispose();
        _evidence.Dispose();
    }
}
