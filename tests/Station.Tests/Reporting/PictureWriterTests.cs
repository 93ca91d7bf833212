using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Reporting;
using MrfAd.Station.Tests.Capture;
using MrfAd.Station.Tests.Outbox;

namespace MrfAd.Station.Tests.Reporting;

public sealed class PictureWriterTests : IAsyncDisposable
{
    private readonly OutboxLab _lab = new();
    private readonly VerdictEvents _events = new(NullLogger<VerdictEvents>.Instance);

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task A_picture_is_sent_after_its_verdict_stays_on_disk_and_its_image_lives_as_long_as_it_is_needed()
    {
        var outbox = _lab.Open();
        var sending = outbox.RunAsync(_lab.Stop);
        var writer = Writer(outbox);
        var stored = new List<(Guid, int)>();
        _events.ImagesStored += (verdict, report) => stored.Add((verdict.Id, report.Shot.Frame!.Image.Bytes.Length));
        writer.Add(_lab.Add(outbox, 1), Verdict(1), Report(out var image));
        var writing = writer.RunAsync();

        await writer.CompleteAsync();
        await writing.WaitAsync(OutboxLab.Timeout);
        _lab.Link.Connect();
        await _lab.UntilAsync(() => _lab.Link.Published.Count == 2, "verdict and frame are sent");

        Assert.Equal([(OutboxLab.IdOf(1), 12)], stored);
        Assert.Throws<ObjectDisposedException>(() => image.Bytes.Length);
        Assert.Equal("t/top", _lab.Link.Published[0].Topic);
        Assert.EndsWith("/frame", _lab.Link.Published[1].Topic, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.Combine(_lab.State, "pictures"), "*-frame.png", SearchOption.AllDirectories));
        Assert.False(sending.IsCompleted);
    }

    [Fact]
    public async Task A_disk_that_does_not_answer_costs_pictures_and_evidence_and_no_verdict()
    {
        var outbox = _lab.Open();
        var sending = outbox.RunAsync(_lab.Stop);
        _lab.Link.Connect();
        var writer = Writer(outbox);
        // A pipe that nobody reads stands for the disk: opening it to write a picture does not return.
        var day = Path.Combine(_lab.State, "pictures", "2026-01-01");
        Directory.CreateDirectory(day);
        var pipe = Path.Combine(day, $"{OutboxLab.IdOf(1)}-frame.png");
        using (var made = Process.Start("mkfifo", [pipe]))
            made.WaitForExit();
        var writing = writer.RunAsync();

        for (var i = 1; i <= 40; i++)
        {
            writer.Add(_lab.Add(outbox, i), Verdict(i), Report(out _));
            Assert.Equal("t/top", (await _lab.Link.NextAsync()).Topic);
        }

        Assert.InRange(outbox.Pictures.TotalDropped, 20, 30);
        Assert.Contains("pictures are dropped: the disk does not keep up", _lab.Health.Current.Reason, StringComparison.Ordinal);
        Assert.Equal(0, outbox.Verdicts.TotalDropped);

        // The disk answers again.
        using (var reader = Process.Start("cat", [pipe]))
            reader.WaitForExit();
        await writer.CompleteAsync();
        await writing.WaitAsync(OutboxLab.Timeout);
        Assert.False(sending.IsCompleted);
    }

    private PictureWriter Writer(StationOutbox outbox) => new(outbox, Messages.Station, _events, _lab.Health, _lab.Clock, NullLogger<PictureWriter>.Instance);

    private VerdictMessage Verdict(int seq) => Messages.Ng with { Id = OutboxLab.IdOf(seq), Seq = seq, Trigger = new VerdictTrigger { Id = $"part-{seq}", Source = "mqtt", At = _lab.Clock.GetUtcNow() } };

    private InspectionReport Report(out Image image)
    {
        image = new Image(2, 2, 3);
        var options = new CameraOptions { Frame = new PictureOptions { Publish = PublishWhen.Always } };
        var camera = new Camera(options, _ => new FakeSource(), new PendingShots(_lab.Clock), new FrameLimits(new(), new(long.MaxValue)), _lab.Health, _lab.Meter, _lab.Clock, NullLogger<Camera>.Instance);
        var shot = new Shot(camera, new Trigger(Guid.Empty, 1, "", "mqtt", _lab.Clock.GetUtcNow(), 0, null), new Frame(image, "f", TimeSpan.Zero), null, null, 0);
        return new InspectionReport(shot, Contracts.Verdict.Ng, null, null, TimeSpan.Zero, TimeSpan.Zero, null);
    }
}
