using MrfAd.Contracts;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Tests.Reporting;

/// <summary>One example of each message.</summary>
internal static class Messages
{
    public static readonly DateTimeOffset Noon = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public static HealthReport State(StationState state, string? reason) =>
        new(state, reason, Noon) { Cameras = [new CameraMismatches { Camera = "top", Lost = 2, Torn = 1 }, new CameraMismatches { Camera = "side" }] };

    public static readonly VerdictMessage Ng = new()
    {
        Id = Guid.Parse("01972b5c-0000-7000-8000-000000000001"),
        Seq = 7,
        Station = "station-7",
        Camera = "top",
        Trigger = new VerdictTrigger { Id = "part-4711", Source = "mqtt", At = Noon },
        Serial = "SN-17",
        Part = "P-17",
        Meta = PartMeta.Parse("""{"lot":"A7","pallet":3,"rework":false}"""),
        Code = new VerdictCode { Text = "SN-17", Format = "data_matrix", Region = new VerdictBox { XPx = 6, YPx = 7, WidthPx = 80, HeightPx = 90 } },
        CapturedAt = Noon.AddMilliseconds(12.5),
        Verdict = Verdict.Ng,
        Score = 31.25f,
        Threshold = 20.5f,
        PValue = 0.001,
        Regions = [new VerdictRegion { XPx = 0, YPx = 2, WidthPx = 3, HeightPx = 4, AreaPx = 5, Score = 31.25f, Name = "label" }],
        Map = MapKind.Bounded,
        Alignment = new VerdictAlignment { DxPx = 12.5, DyPx = -3, AngleDeg = 17.5, Scale = 1, Quality = 0.97 },
        RegionsSha256 = "cc",
        Bank = new VerdictBank { Id = "bottle", Version = 3, Sha256 = new string('a', 64) },
        Encoder = new VerdictEncoder { Id = "resnet", Sha256 = new string('0', 64) },
        Frame = new VerdictFrame { WidthPx = 900, HeightPx = 800, Source = "001.png" },
        TimingsMs = new VerdictTimings { Queue = 1, Decode = 2, Align = 31, Code = 30, Features = 300, Search = 400.5, Fuse = 5, Total = 708.5 },
    };

    public static readonly VerdictMessage Timeout = new()
    {
        Id = Ng.Id,
        Seq = 8,
        Station = "station-7",
        Camera = "top",
        Trigger = Ng.Trigger,
        Verdict = Verdict.Timeout,
        Reason = "no image in 2 s",
        TimingsMs = new VerdictTimings { Total = 2000 },
    };

    public static readonly PartMessage Part = new()
    {
        Id = Guid.Parse("01972b5c-0000-7000-8000-000000000002"),
        Seq = 3,
        Station = "station-7",
        Part = "P-17",
        Product = "m6",
        Serial = "SN-17",
        TriggeredAt = Noon,
        JudgedAt = Noon.AddSeconds(10),
        Verdict = Verdict.Ng,
        Reason = "missing after 10 s: bottom",
        Views = [new PartView { Camera = "top", VerdictId = Ng.Id, Seq = 7, At = Noon, Verdict = Verdict.Ng, Score = 31.25f }],
        Missing = [new MissingView { Camera = "bottom", Looks = 1 }],
    };

    public static readonly StationMessages Station = new(new StationTopics("plant", "line", "station-7"), "0.1.0");
}
