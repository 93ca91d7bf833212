using System.Text.RegularExpressions;

namespace MrfAd.Station.Sources;

/// <summary>Turns an error of GStreamer into a sentence for the person who looks after the camera.</summary>
public static partial class GstErrors
{
    private const string Good = "gstreamer1.0-plugins-good", Bad = "gstreamer1.0-plugins-bad", Base = "gstreamer1.0-plugins-base";

    /// <returns>A sentence with the cause and, for a missing element, the package that has it.</returns>
    /// <param name="text">The text of the error.</param>
    /// <param name="detail">The details of the error for programmers: a place in the source, the element, and on the last lines the cause. It may be empty.</param>
    public static string Sentence(string text, string detail)
    {
        if (NoElement().Match(text) is { Success: true, Groups: [_, { Value: var element }] })
            return Package(element) is { } package ? $"no element \"{element}\" (apt-get install {package})" : text;
        if (MissingPlugin().Match(detail) is { Success: true, Groups: [_, { Value: var what }, { Value: var codec }] })
            return $"GStreamer has no {what} for {codec.Trim()} (apt-get install {DecoderPackages(what, codec)})";
        if (Unauthorized().IsMatch(text) || Unauthorized().IsMatch(detail))
            return "user name or password are missing or wrong";
        var cause = detail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Skip(1).LastOrDefault();
        return cause is null || text.Contains(cause, StringComparison.Ordinal) ? text : $"{text} {cause}";
    }

    private static string? Package(string element) => element switch
    {
        "rtspsrc" or "souphttpsrc" or "v4l2src" or "jpegdec" or "multipartdemux" or "multifilesrc" => Good,
        "decodebin" or "videoconvert" or "appsink" or "videotestsrc" or "rawvideoparse" or "tcpclientsrc" => Base,
        "bayer2rgb" => Bad,
        _ => null,
    };

    private static string DecoderPackages(string what, string codec) => what != "decoder" || codec.Contains("jpeg", StringComparison.OrdinalIgnoreCase) ? Good : $"gstreamer1.0-libav {Bad}";

    [GeneratedRegex("^no element \"(.+)\"$")]
    private static partial Regex NoElement();

    [GeneratedRegex(@"^Missing (decoder|plugin|element|demuxer|[\w ]+?): ([^\n]+)$", RegexOptions.Multiline)]
    private static partial Regex MissingPlugin();

    [GeneratedRegex("Unauthori[sz]ed|Not authori[sz]ed|Forbidden", RegexOptions.IgnoreCase)]
    private static partial Regex Unauthorized();
}
