using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Engine.Codes;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;

namespace MrfAd.Station.Reporting;

/// <summary>Makes the verdict message of a trigger.</summary>
public static class VerdictMessages
{
    /// <summary>Makes the verdict of a trigger that an earlier process left without one because it was killed or lost power.</summary>
    public static VerdictMessage Interrupted(TriggerEntry trigger, string station) => Begin(trigger, station) with
    {
        Verdict = Verdict.Invalid,
        Reason = "the agent was restarted before the image was judged",
    };

    /// <summary>Makes the verdict of a trigger that was inspected, or that could not be inspected.</summary>
    public static VerdictMessage From(InspectionReport report, string station)
    {
        var (shot, judgement) = (report.Shot, report.Judgement);
        var trigger = shot.Trigger;
        return Begin(new TriggerEntry(trigger.VerdictId, trigger.Seq, shot.Camera.Options.Name, trigger.Id, trigger.Source, trigger.At) { Part = trigger.Part, Product = trigger.Product }, station) with
        {
            Serial = trigger.Part?.Serial ?? report.CodeSerial,
            Code = Code(report.Code),
            LooksLike = report.LooksLike,
            CodeMismatch = report.ShowsAnotherSerial,
            CapturedAt = shot.CapturedAt,
            Verdict = report.Verdict,
            Reason = report.Reason,
            Fault = report.Fault is { } fault ? new VerdictFault { Kind = MetricLabel.Of(fault.Kind), Value = fault.Value, Limit = fault.Limit } : null,
            Degraded = judgement?.Degraded is not null,
            Score = judgement?.Score,
            Threshold = judgement?.Threshold,
            PValue = judgement?.PValue,
            Regions = [.. judgement?.Regions.Select(r => new VerdictRegion
            {
                XPx = r.X, YPx = r.Y, WidthPx = r.Width, HeightPx = r.Height, AreaPx = r.Area, Score = r.Score, Name = r.Name,
            }) ?? []],
            Map = judgement is null ? null : judgement.IsBounded ? MapKind.Bounded : MapKind.Full,
            Alignment = judgement?.Alignment is not { } place ? null : new VerdictAlignment { DxPx = place.Dx, DyPx = place.Dy, AngleDeg = place.Angle, Scale = place.Scale, Quality = place.Quality },
            RegionsSha256 = judgement?.RegionsSha256,
            Bank = judgement is null ? null : new VerdictBank { Id = judgement.By.BankId, Version = judgement.By.BankVersion, Sha256 = judgement.By.BankSha256 },
            Encoder = judgement is null ? null : new VerdictEncoder { Id = judgement.By.EncoderId, Sha256 = judgement.By.EncoderSha256 },
            Frame = shot.Frame is null ? null : new VerdictFrame { WidthPx = shot.Frame.Image.Width, HeightPx = shot.Frame.Image.Height, Source = shot.Frame.Source },
            TimingsMs = Timings(report),
        };
    }

    /// <returns>The hottest spots of an NG part with the normal patches nearest to them, as JSON; null for other parts.</returns>
    public static string? Spots(InspectionReport report) => report.Judgement?.Explanation is not { Count: > 0 } spots ? null : new JsonArray([.. spots.Select(spot => (JsonNode)new JsonObject
    {
        ["x_px"] = spot.X,
        ["y_px"] = spot.Y,
        ["score"] = spot.Score,
        ["nearest"] = new JsonArray([.. spot.Nearest.Select(patch => (JsonNode)new JsonObject
        {
            ["image"] = Path.GetFileName(patch.Image), ["branch"] = patch.Branch, ["distance"] = patch.Distance,
        })]),
    })]).ToJsonString();

    /// <summary>Makes the part of a verdict that its trigger alone determines.</summary>
    private static VerdictMessage Begin(TriggerEntry trigger, string station) => new()
    {
        Id = trigger.Id,
        Seq = trigger.Seq,
        Station = station,
        Camera = trigger.Camera,
        Product = trigger.Product,
        Trigger = new VerdictTrigger { Id = trigger.Trigger, Source = trigger.Source, At = trigger.At },
        Serial = trigger.Part?.Serial,
        Part = trigger.Part?.Id,
        Meta = trigger.Part?.Meta,
        Verdict = Verdict.Invalid,
        TimingsMs = new VerdictTimings { Total = 0 },
    };

    private static VerdictCode? Code(CodeReading? reading) => reading is null ? null : new VerdictCode
    {
        Text = reading.Text,
        Format = reading.Format?.ToText(),
        Region = reading.Box is { } box ? new VerdictBox { XPx = box.X, YPx = box.Y, WidthPx = box.Width, HeightPx = box.Height } : null,
        Reason = reading.Reason,
    };

    private static VerdictTimings Timings(InspectionReport report)
    {
        var times = report.Judgement?.Times;
        return new VerdictTimings
        {
            Queue = report.Queue.TotalMilliseconds,
            Decode = report.Shot.Frame?.Decode.TotalMilliseconds ?? 0,
            Align = times?.Align.TotalMilliseconds ?? 0,
            Code = report.Code?.Time.TotalMilliseconds ?? 0,
            Mask = times?.Mask.TotalMilliseconds ?? 0,
            Features = times?.Features.TotalMilliseconds ?? 0,
            Search = times?.Search.TotalMilliseconds ?? 0,
            Fuse = times?.Fuse.TotalMilliseconds ?? 0,
            Total = report.Total.TotalMilliseconds,
        };
    }
}
