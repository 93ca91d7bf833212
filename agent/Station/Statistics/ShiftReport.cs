using System.Globalization;
using System.Net;
using System.Text;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Station.History;
using MrfAd.Station.Pages;

namespace MrfAd.Station.Statistics;

/// <summary>Writes the report of a shift or a day as one HTML page without scripts, which a browser shows and prints.</summary>
public sealed class ShiftReport(HistoryQuery history, StatisticsQuery statistics, KeptPictures pictures, ShiftCalendar calendar)
{
    // So many parts fill two sheets of paper.
    private const int MaxPictures = 24;

    // In px: sharp on paper at the width that three pictures beside one another have.
    private const int PictureSide = 480;

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Writes the report.</summary>
    /// <param name="station">The name of the station.</param>
    /// <param name="name">The name of the time, for example "2026-11-29/early".</param>
    /// <param name="aboveMs">The limit above which slow parts are counted, in milliseconds.</param>
    public string Write(string station, string name, TimeRange time, string? camera, double aboveMs)
    {
        var scope = new StatisticsScope(time, camera, null);
        var html = new StringBuilder();
        html.Append(Culture, $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{Text(station)} {Text(name)}</title><style>{Style}</style></head><body>");
        html.Append(Culture, $"<header><h1>{Text(station)}: {Text(name)}</h1><p>{Time(time.From)} to {Time(time.To)} ({Text(calendar.Zone.Id)}){(camera is null ? "" : ", camera " + Text(camera))}</p></header>");
        Totals(html, statistics.Counts(scope, Period.Day));
        Hours(html, statistics.Counts(scope, Period.Hour));
        Causes(html, statistics.Causes(scope));
        html.Append(Culture, $"<section><h2>Time from trigger to verdict</h2><p class=\"claim\">{Text(statistics.Stages(scope, aboveMs).Claim)}</p></section>");
        Signals(html, statistics.Charts(scope).SelectMany(c => c.Signals).OrderBy(s => s.At));
        Parts(html, history.Page(new HistoryFilter { Time = time, Camera = camera, Verdict = Verdict.Ng }, null, MaxPictures).Verdicts);
        return html.Append("</body></html>\n").ToString();
    }

    private static void Totals(StringBuilder html, IReadOnlyList<PeriodCounts> days)
    {
        var (ok, ng) = (days.Sum(d => d.Ok), days.Sum(d => d.Ng));
        var yield = ok + ng == 0 ? "–" : (ok / (double)(ok + ng)).ToString("P2", Culture);
        html.Append("<section class=\"tiles\">");
        foreach (var (value, what) in ((string, string)[])[(days.Sum(d => d.Parts).ToString("N0", Culture), "parts"), (yield, "yield"), (ng.ToString("N0", Culture), "NG"), (days.Sum(d => d.Invalid).ToString("N0", Culture), "INVALID"), (days.Sum(d => d.Timeout).ToString("N0", Culture), "TIMEOUT")])
            html.Append(Culture, $"<div><b>{value}</b>{what}</div>");
        html.Append("</section>");
    }

    private static void Hours(StringBuilder html, IReadOnlyList<PeriodCounts> hours)
    {
        html.Append("<section><h2>Hours</h2><table><tr><th>hour</th><th>parts</th><th>OK</th><th>NG</th><th>INVALID</th><th>TIMEOUT</th><th>yield</th></tr>");
        foreach (var hour in hours)
            html.Append(Culture, $"<tr><td>{Text(hour.Name.Replace('T', ' '))}</td><td>{hour.Parts}</td><td>{hour.Ok}</td><td>{hour.Ng}</td><td>{hour.Invalid}</td><td>{hour.Timeout}</td><td>{hour.Yield?.ToString("P2", Culture) ?? "–"}</td></tr>");
        html.Append("</table></section>");
    }

    private static void Causes(StringBuilder html, IReadOnlyList<CauseCount> causes)
    {
        if (causes.Count == 0)
            return;
        html.Append("<section><h2>Causes of INVALID and TIMEOUT</h2><table><tr><th>verdict</th><th>cause</th><th>parts</th></tr>");
        foreach (var cause in causes)
            html.Append(Culture, $"<tr><td>{Text(cause.Verdict)}</td><td>{Text(cause.Cause)}</td><td>{cause.Count}</td></tr>");
        html.Append("</table></section>");
    }

    private void Signals(StringBuilder html, IEnumerable<ChartSignal> signals)
    {
        html.Append("<section><h2>Signals of the control charts</h2><ul>");
        var any = false;
        foreach (var signal in signals)
        {
            any = true;
            html.Append(Culture, $"<li>{calendar.Text(signal.At)} {Text(signal.Text)}</li>");
        }

        html.Append(any ? "</ul></section>" : "<li>none</li></ul></section>");
    }

    private void Parts(StringBuilder html, IReadOnlyList<HistoryEntry> parts)
    {
        html.Append(Culture, $"<section><h2>The last {parts.Count} NG parts</h2><div class=\"parts\">");
        foreach (var part in parts)
        {
            var picture = Picture(part);
            html.Append("<figure>");
            html.Append(picture is null ? "<div class=\"none\">no picture kept</div>" : $"<img alt=\"\" src=\"{picture}\">");
            html.Append(Culture, $"<figcaption>{calendar.Text(part.At)} {Text(part.Camera)} #{part.Seq}<br>score {part.Score:0.##}, threshold {part.Threshold:0.##}{(part.Serial is { } serial ? "<br>" + Text(serial) : "")}{(part.Label is { } label ? ", " + Text(label) : "")}</figcaption></figure>");
        }

        html.Append("</div></section>");
    }

    private string? Picture(HistoryEntry part)
    {
        if (history.Find(part.Id) is not { } stored || pictures.Find(stored, part.Camera, part.Id, KeptPictures.Frame) is not { } file)
            return null;
        try
        {
            using var image = ImageCodec.Read(file.Path);
            return PagePicture.DataUri(PagePicture.Jpeg(image, PictureSide), "jpeg");
        }
        catch (Exception e) when (e is IOException or ImageFormatException)
        {
            // Deleted for space since it was found, or cut off by a power loss.
            return null;
        }
    }

    private string Time(long at) => calendar.Text(DateTimeOffset.FromUnixTimeMilliseconds(at));

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private const string Style =
        """
        body { font: 11pt/1.4 system-ui, "DejaVu Sans", sans-serif; margin: 1.5cm auto; max-width: 19cm; color: #161a20; font-variant-numeric: tabular-nums; }
        h1 { margin: 0; font-size: 18pt; } h2 { font-size: 12pt; margin: 1.2em 0 .3em; } header p { margin: .2em 0 0; color: #586270; }
        .tiles { display: grid; grid-template-columns: repeat(5, 1fr); gap: .4cm; margin-top: .5cm; } .tiles div { border: 1px solid #dde1e7; border-radius: .2cm; padding: .2cm .3cm; color: #586270; }
        .tiles b { display: block; font-size: 16pt; color: #161a20; }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: right; padding: .08cm .2cm; border-bottom: 1px solid #dde1e7; } th:first-child, td:first-child { text-align: left; }
        .claim { font-weight: 600; } ul { padding-left: 1.2em; margin: 0; }
        .parts { display: grid; grid-template-columns: repeat(3, 1fr); gap: .4cm; } figure { margin: 0; break-inside: avoid; } figure img, .none { width: 100%; aspect-ratio: 4/3; object-fit: contain; background: #000; }
        .none { display: grid; place-items: center; background: #e9ecf1; color: #586270; } figcaption { font-size: 9pt; }
        tr { break-inside: avoid; } h2 { break-after: avoid; }
        @page { size: A4; margin: 1.2cm; } @media print { body { margin: 0; max-width: none; } }
        """;
}
