using MrfAd.Contracts;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>Records the metrics of an inspection.</summary>
internal static class InspectionMetrics
{
    public static void Record(this MrfAdMeter meter, InspectionReport report)
    {
        var camera = report.Shot.Camera.Options.Name;
        meter.Inspected(camera, report.Verdict.ToText(), report.Total, report.Shot.Trigger.VerdictId);
        if (report.Shot.Frame is { } frame)
            meter.Stage(camera, "decode", frame.Decode);
        if (report.Code is { } code)
        {
            meter.Stage(camera, "code", code.Time);
            meter.CodeRead(camera, code.Text is null ? "unreadable" : report.ShowsAnotherSerial ? "mismatch" : "read");
        }

        if (report.Judgement is not { } judgement)
            return;
        meter.Stage(camera, "queue", report.Queue);
        if (judgement.Alignment is not null)
            meter.Stage(camera, "align", judgement.Times.Align);
        if (judgement.Times.Mask > TimeSpan.Zero)
            meter.Stage(camera, "mask", judgement.Times.Mask);
        if (judgement.IsMaskDoubted)
            meter.MaskDoubted(camera);
        meter.Stage(camera, "features", judgement.Times.Features);
        meter.Stage(camera, "search", judgement.Times.Search);
        meter.Stage(camera, "fuse", judgement.Times.Fuse);
        meter.Scored(camera, judgement.Score);
    }
}
