using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Engine.Codes;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Products;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Capture;
using MrfAd.Testing;
using ZXing;

namespace MrfAd.Station.Tests.Inspection;

/// <summary>The code of a part, from its frame to its verdict.</summary>
public sealed class CodeTests : IAsyncDisposable
{
    private const int Width = 200, Height = 150;

    private static TimeSpan WaitTimeout => TestTimeout.Value;
    private readonly TemporaryFolder _folder = new();
    private readonly StationHealth _health = new(TimeProvider.System);
    private readonly PendingShots _shots = new(TimeProvider.System);
    private readonly FakeSource _source = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly Channel<InspectionReport> _reports = Channel.CreateUnbounded<InspectionReport>();
    private readonly CancellationTokenSource _stop = new();
    private InspectionWorker? _worker;
    private Camera _camera = null!;
    private Task _capturing = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _capturing.WaitAsync(WaitTimeout);
        _shots.Complete();
        if (_worker is not null)
            await _worker.StopAsync(CancellationToken.None).WaitAsync(WaitTimeout);
        _worker?.Dispose();
        _stop.Dispose();
        _folder.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task The_text_of_the_code_is_the_serial_number_of_a_part_whose_trigger_gave_none()
    {
        await StartAsync(Code());
        using var counted = new Counter(_meter, "mrfad_codes_total");

        var verdict = await JudgeAsync(Picture("SN-1"));

        Assert.Equal(("SN-1", null, false, Verdict.Ok), (verdict.Serial, verdict.Meta, verdict.CodeMismatch, verdict.Verdict));
        Assert.Equal(("SN-1", "data_matrix", null), (verdict.Code!.Text, verdict.Code.Format, verdict.Code.Reason));
        Assert.InRange(verdict.Code.Region!.XPx, 50, 100);
        Assert.True(verdict.TimingsMs.Code > 0);
        Assert.Equal(1, counted.Sum);
    }

    [Fact]
    public async Task The_trigger_s_serial_number_stays_and_another_one_in_the_picture_is_said()
    {
        await StartAsync(Code());

        var same = await JudgeAsync(Picture("SN-1"), new PartInfo("SN-1", null));
        var other = await JudgeAsync(Picture("SN-2"), new PartInfo("SN-1", null));

        Assert.Equal(("SN-1", false), (same.Serial, same.CodeMismatch));
        Assert.Equal(("SN-1", "SN-2", true), (other.Serial, other.Code!.Text, other.CodeMismatch));
    }

    [Fact]
    public async Task Control_characters_stay_in_the_text_and_are_pictures_in_the_serial_number()
    {
        await StartAsync(Code());

        var verdict = await JudgeAsync(Picture("01\u001d21"));
        var same = await JudgeAsync(Picture("01\u001d21"), new PartInfo("01␝21", null));

        Assert.Equal(("01\u001d21", "01␝21"), (verdict.Code!.Text, verdict.Serial));
        Assert.False(same.CodeMismatch);
    }

    [Fact]
    public async Task A_part_whose_code_cannot_be_read_is_judged_and_the_verdict_says_why_there_is_none()
    {
        await StartAsync(Code());

        var verdict = await JudgeAsync(new CodePicture(Width, Height, 90).ToImage(3));

        Assert.Equal((Verdict.Ok, null, false), (verdict.Verdict, verdict.Serial, verdict.CodeMismatch));
        Assert.Equal((null, null, "no data_matrix, qr, code_128 code can be read"), (verdict.Code!.Text, verdict.Code.Region, verdict.Code.Reason));
        Assert.Null(verdict.Fault);
    }

    [Fact]
    public async Task A_part_whose_code_is_required_and_cannot_be_read_is_invalid()
    {
        await StartAsync(Code() with { Required = true });
        using var dropped = new Counter(_meter, "mrfad_frames_dropped_total");

        var unread = await JudgeAsync(new CodePicture(Width, Height, 90).ToImage(3), new PartInfo("SN-1", null));
        var read = await JudgeAsync(Picture("SN-2"));

        Assert.Equal((Verdict.Invalid, "SN-1", "code_unreadable", 0d, 1d), (unread.Verdict, unread.Serial, unread.Fault?.Kind, unread.Fault?.Value, unread.Fault?.Limit));
        Assert.Equal("its code could not be read: no data_matrix, qr, code_128 code can be read", unread.Reason);
        Assert.Equal("no data_matrix, qr, code_128 code can be read", unread.Code!.Reason);
        Assert.Null(unread.Score);
        Assert.Equal((Verdict.Ok, "SN-2"), (read.Verdict, read.Serial));
        Assert.Equal(1, dropped.Sum);
    }

    [Fact]
    public async Task A_region_outside_of_the_frame_is_said()
    {
        await StartAsync(Code() with { Region = [100, 0, 150, 150] });

        var verdict = await JudgeAsync(Picture("SN-1"));

        Assert.Equal("the region [100, 0, 150, 150] is not within the image of 200x150", verdict.Code!.Reason);
        Assert.Equal(Verdict.Ok, verdict.Verdict);
    }

    [Fact]
    public async Task A_verdict_without_a_frame_or_of_a_camera_without_a_code_has_none()
    {
        await StartAsync(Code());
        _source.Give(new IOException("gone"));
        _camera.Fire(null, "mqtt");

        Assert.Null((await NextAsync()).Code);
    }

    [Fact]
    public async Task Codes_are_read_while_another_part_is_inspected()
    {
        using var go = new ManualResetEventSlim();
        var readings = new List<Task<CodeReading>>();
        await StartAsync(Code(), () => Assert.True(go.Wait(WaitTimeout)));
        _shots.Adding += shot => readings.Add(shot.Code!);
        for (var i = 1; i <= 3; i++)
        {
            _source.Give(Picture($"SN-{i}"));
            _camera.Fire(null, "mqtt");
        }

        await _source.TakenAsync(3);
        await Poll.UntilAsync(() => Task.FromResult(readings.Count == 3), "three frames are queued");
        var read = await Task.WhenAll(readings).WaitAsync(WaitTimeout);

        Assert.False(_reports.Reader.TryPeek(out _));
        Assert.Equal(["SN-1", "SN-2", "SN-3"], read.Select(r => r.Text));
        go.Set();
        for (var i = 1; i <= 3; i++)
            Assert.Equal($"SN-{i}", (await NextAsync()).Serial);
    }

    [Fact]
    public async Task A_decoder_that_does_not_come_back_holds_the_part_up_for_twice_its_limit_and_no_longer()
    {
        await StartAsync(Code() with { TimeLimit = TimeSpan.FromMilliseconds(20) });
        _shots.Adding += shot => shot.Code = new TaskCompletionSource<CodeReading>().Task;

        var verdict = await JudgeAsync(Picture("SN-1"));

        Assert.Equal((Verdict.Ok, "reading did not end within 0.04 s"), (verdict.Verdict, verdict.Code!.Reason));
    }

    private static CodeOptions Code() => new() { TimeLimit = WaitTimeout };

    /// <summary>A part that the fake detector calls OK, with a Data Matrix.</summary>
    private static Image Picture(string text) => new CodePicture(Width, Height, 90).Draw(BarcodeFormat.DATA_MATRIX, text, 100, 75, module: 4, degrees: 10).ToImage(3);

    private async Task StartAsync(CodeOptions code, Action? inspecting = null)
    {
        _camera = new Camera(new CameraOptions { Code = code, Deadline = WaitTimeout }, _source.Open, _shots, new FrameLimits(new(), new(long.MaxValue)), _health, _meter, TimeProvider.System, NullLogger<Camera>.Instance);
        _ = new CodeReadings([_camera], _shots, TimeProvider.System);
        var inspector = new FakeInspector { Width = Width, Height = Height, Inspecting = inspecting ?? (() => { }) };
        var (detectors, thresholds) = (new Detectors([(null, "camera1", new Detector(() => inspector))]), new Thresholds(_folder.Path));
        var drift = new DriftGuard(new DriftOptions(), _meter, _health, NullLogger<DriftGuard>.Instance);
        var memory = new ModelMemory(detectors, new ActiveProducts(new StationOptions()), new(long.MaxValue), _health, _meter, NullLogger<ModelMemory>.Instance);
        var loaded = new DetectorReports(detectors, [_camera], thresholds, new FrameLimits(new(), new(long.MaxValue)), _health, _meter, NullLogger<InspectionWorker>.Instance);
        _worker = new InspectionWorker(
            new DetectorLoader(detectors, memory, loaded, _health, _meter, TimeProvider.System, NullLogger<InspectionWorker>.Instance),
            new ShotInspector(detectors, thresholds, drift, new PreviewSampler(enabled: false, TimeProvider.System), _health, _meter, TimeProvider.System, NullLogger<InspectionWorker>.Instance),
            _shots, _reports.Writer, _health, new Heartbeat(TimeProvider.System), _meter, NullLogger<InspectionWorker>.Instance);
        await _worker.StartAsync(CancellationToken.None);
        await _shots.Opened.WaitAsync(WaitTimeout);
        _capturing = _camera.RunAsync(_stop.Token);
    }

    private async Task<VerdictMessage> JudgeAsync(Image image, PartInfo? part = null)
    {
        _source.Give(image);
        _camera.Fire(null, "mqtt", part: part);
        return await NextAsync();
    }

    private async Task<VerdictMessage> NextAsync()
    {
        using var report = await _reports.Reader.ReadAsync().AsTask().WaitAsync(WaitTimeout);
        return VerdictMessages.From(report, "s1");
    }
}
