using MrfAd.Contracts;
using MrfAd.Engine.Codes;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Inspection;

/// <summary>The result of one trigger. It owns the shot and the heatmap.</summary>
/// <param name="Reason">The reason why there is no judgement, or an incomplete one; null where all is well.</param>
/// <param name="Judgement">The judgement; null where no image was judged.</param>
/// <param name="Queue">The time between capture and inspection.</param>
/// <param name="Total">The time from the trigger to the finished verdict.</param>
/// <param name="Drawing">The drawing of the heatmap, which ends after the verdict is given; null where none is wanted or no image was judged.</param>
public sealed record InspectionReport(
    Shot Shot, Verdict Verdict, string? Reason, Judgement? Judgement, TimeSpan Queue, TimeSpan Total, Task<Image>? Drawing) : IDisposable
{
    /// <summary>The heatmap; null where none is wanted, it is not drawn yet, or it could not be drawn.</summary>
    public Image? Heatmap => Drawing is { IsCompletedSuccessfully: true } ? Drawing.Result : null;

    /// <summary>The fault of the image for which it was not judged; null where there is another reason.</summary>
    public ImageFault? Fault { get; init; }

    /// <summary>The reason why a collected image is unlike the others; null where it is like them, or was not collected.</summary>
    public PictureFault? CollectedFault { get; init; }

    /// <summary>Another product, whose good parts the part resembles more than those of its own; null where there is none, or the part is good.</summary>
    public string? LooksLike { get; init; }

    /// <summary>The reading of the code in the frame; null where the camera reads none, or there is no frame.</summary>
    public CodeReading? Code { get; init; }

    /// <summary>The serial number that the code shows: its text, in which control characters such as GS1's separators are replaced by their pictures (␝). Null where none was read.</summary>
    public string? CodeSerial => Code?.Text is { } text ? string.Concat(text.Select(Shown)) : null;

    /// <summary>True where a serial number came with the trigger and the code shows another one.</summary>
    public bool ShowsAnotherSerial => Shot.Trigger.Part?.Serial is { } serial && CodeSerial is { } code && code != serial;

    /// <summary>True where the station's own page shows the pictures, see <see cref="PreviewSampler"/>.</summary>
    public bool IsShown { get; init; }

    // U+2400 is the first of Unicode's pictures of control characters, U+2421 that of delete; those from U+0080 on have none.
    private static char Shown(char c) => c < ' ' ? (char)(c + '\u2400') : c == '\u007f' ? '\u2421' : char.IsControl(c) ? '\ufffd' : c;

    public void Dispose()
    {
        Heatmap?.Dispose();
        Shot.Dispose();
    }
}
