using System.Globalization;

namespace MrfAd.Station.Options;

/// <summary>The parsed address of a camera's source.</summary>
/// <param name="Place">The part after the scheme: a path, a pipeline, a topic filter, or a serial number, address or id of a camera (empty means the only one there is). For a stream it is the whole URL.</param>
/// <param name="Watch">True for a folder in which each new file is a frame and a trigger.</param>
public sealed record SourceAddress(SourceKind Kind, string Place, bool Watch = false)
{
    private const string WatchOption = "?watch=true";

    /// <exception cref="FormatException">The text has none of the known forms, which the message lists.</exception>
    public static SourceAddress Parse(string source)
    {
        var (scheme, place) = source.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
            ? (source[..colon], source[(colon + 1)..])
            : ("", source);
        return (scheme, place) switch
        {
            ("folder", _) when place.EndsWith(WatchOption, StringComparison.Ordinal) && place != WatchOption =>
                new(SourceKind.Folder, place[..^WatchOption.Length], Watch: true),
            ("folder", not "" and not WatchOption) => new(SourceKind.Folder, place),
            ("file", not "") => new(SourceKind.Video, place),
            ("v4l2", _) when DevicePath(place) is { } device => new(SourceKind.Device, device),
            ("rtsp" or "rtsps" or "http" or "https", not "") when Uri.TryCreate(source, UriKind.Absolute, out var uri) && uri.Host.Length > 0 => new(SourceKind.Stream, source),
            ("gst", _) when place.Trim().Length > 0 => new(SourceKind.Pipeline, place),
            ("gige", _) => new(SourceKind.GigE, place),
            ("usb3", _) => new(SourceKind.Usb3, place),
            ("mqtt", not "") => new(SourceKind.Mqtt, Topic(place)),
            ("http", "") => new(SourceKind.Http, ""),
            _ => throw new FormatException(
                $"want folder:PATH, folder:PATH{WatchOption}, file:PATH, v4l2:N, v4l2:/dev/videoN, rtsp://HOST/…, http://HOST/…, gst:PIPELINE, gige:SERIAL, usb3:SERIAL, mqtt:TOPIC or http:, got '{Credentials.Masked(source)}'{(source.Contains('@', StringComparison.Ordinal) ? Credentials.Hint : "")}"),
        };
    }

    /// <returns>The source, in which a relative path is taken from <paramref name="folder"/>; one that cannot be read is left as it is.</returns>
    public static string Resolve(string source, string folder)
    {
        try
        {
            var address = Parse(source);
            return address.Kind is SourceKind.Folder or SourceKind.Video
                ? (address with { Place = Path.GetFullPath(address.Place, folder) }).ToString()
                : source;
        }
        catch (FormatException)
        {
            return source;
        }
    }

    public override string ToString() => Kind switch
    {
        SourceKind.Folder => $"folder:{Place}{(Watch ? WatchOption : "")}",
        SourceKind.Video => $"file:{Place}",
        SourceKind.Device => $"v4l2:{Place}",
        SourceKind.Pipeline => $"gst:{Place}",
        SourceKind.GigE => $"gige:{Place}",
        SourceKind.Usb3 => $"usb3:{Place}",
        SourceKind.Mqtt => $"mqtt:{Place}",
        SourceKind.Http => "http:",
        SourceKind.Stream => Place,
        _ => throw new NotSupportedException($"an address of {Kind} has no text"),
    };

    private static string Topic(string filter)
    {
        try
        {
            TopicFilter.Check(filter);
            return filter;
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static string? DevicePath(string place)
    {
        var number = place.StartsWith("/dev/video", StringComparison.Ordinal) ? place["/dev/video".Length..] : place;
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? $"/dev/video{n}" : null;
    }
}
