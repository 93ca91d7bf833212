using MrfAd.Contracts;
using MrfAd.Station.Options;

namespace MrfAd.Station.Parts;

/// <summary>A part of which views are missing.</summary>
/// <param name="id">The id that the part's triggers share.</param>
internal sealed class OpenPart(string id)
{
    private readonly List<PartView> _views = [];
    private string? _product;
    private string? _serial;

    public string Id { get; } = id;

    /// <summary>The time of the part's first trigger.</summary>
    public DateTimeOffset At { get; private set; } = DateTimeOffset.MaxValue;

    /// <summary>The moment of the part's first trigger on the clock's tick counter.</summary>
    public long Triggered { get; private set; } = long.MaxValue;

    /// <summary>Fires when the time of the part may be over.</summary>
    public ITimer? Timer { get; set; }

    /// <param name="triggered">The moment of the view's trigger on the clock's tick counter.</param>
    public void Add(PartView view, string? product, string? serial, long triggered)
    {
        _views.Add(view);
        (_product, _serial) = (_product ?? product, _serial ?? serial);
        if (triggered < Triggered)
            (At, Triggered) = (view.At, triggered);
    }

    /// <returns>The views that are missing; empty where the part is complete.</returns>
    public IReadOnlyList<MissingView> Missing(PartsOptions options) =>
    [
        .. from wanted in options.Views
           let missing = wanted.Looks - _views.Count(view => view.Camera == wanted.Camera)
           where missing > 0
           select new MissingView { Camera = wanted.Camera, Looks = missing },
    ];

    /// <summary>Makes the verdict of the part.</summary>
    public PartMessage Judge(PartsOptions options, string station, long seq, DateTimeOffset now)
    {
        var missing = Missing(options);
        return new PartMessage
        {
            Id = Guid.CreateVersion7(now),
            Seq = seq,
            Station = station,
            Part = Id,
            Product = _product,
            Serial = _serial,
            TriggeredAt = At,
            JudgedAt = now,
            Verdict = Worst([.. _views.Select(view => view.Verdict), .. missing.Select(_ => Verdict.Timeout)]),
            Reason = missing.Count == 0 ? null : $"missing after {FormattableString.Invariant($"{options.Within.TotalSeconds:0.###}")} s: {string.Join(", ", missing.Select(Text))}",
            Views = [.. _views],
            Missing = missing,
        };
    }

    /// <summary>Returns the worst verdict: a defect that was seen, else an image that could not be judged, else OK.</summary>
    private static Verdict Worst(IEnumerable<Verdict> verdicts) => verdicts.MaxBy(verdict => verdict switch
    {
        Verdict.Ng => 4,
        Verdict.Invalid => 3,
        Verdict.Timeout => 2,
        Verdict.Collecting => 1,
        _ => 0,
    });

    private static string Text(MissingView view) => view.Looks == 1 ? view.Camera : FormattableString.Invariant($"{view.Camera} ({view.Looks} looks)");
}
