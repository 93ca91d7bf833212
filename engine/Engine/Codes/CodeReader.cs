using MrfAd.Engine.Images;
using ZXing;
using ZXing.Common;

namespace MrfAd.Engine.Codes;

/// <summary>
/// Reads the code in an image: the whole of it first, then the places with many edges, dark on light and light on dark; where nothing is found, once more
/// with one threshold for black (for noise), enlarged (for small modules), and for bar codes turned. Not thread-safe.
/// </summary>
/// <param name="formats">The kinds of codes to look for.</param>
/// <param name="limit">The time after which no further attempt begins; the one in progress is finished.</param>
public sealed class CodeReader(IReadOnlyList<CodeFormat> formats, TimeSpan limit, TimeProvider clock)
{
    // More places are a texture, in which the largest ones are no codes either.
    private const int MaxCandidates = 8;

    // A row of pixels crosses all bars of a bar code up to some 12 degrees off for usual proportions; the decoder itself tries a quarter turn.
    private static readonly double[] Turns = [22.5, 45, 67.5];

    private readonly BarcodeReaderGeneric _local = Decoder(formats, source => new HybridBinarizer(source)), _global = Decoder(formats, source => new GlobalHistogramBinarizer(source));

    /// <summary>Copies the part of an image in which a code is, so that it can be read while the image is used otherwise.</summary>
    /// <param name="region">The part; null for the whole image.</param>
    /// <returns>A grey image [H, W, 1] of 8 bits, which the caller owns.</returns>
    /// <exception cref="ArgumentException">The region is not in the image; the message says which and how large the image is.</exception>
    public static Image Cut(Image image, PixelBox? region)
    {
        var box = region ?? new PixelBox(0, 0, image.Width, image.Height);
        return box.IsWithin(image.Width, image.Height) ? GreyPixels.Copy(image, box) : throw new ArgumentException($"the region {box} is not within the image of {image.Width}x{image.Height}");
    }

    /// <summary>Reads the code. Whatever the decoder throws costs that attempt.</summary>
    /// <param name="grey">A grey image [H, W, 1] of 8 bits from <see cref="Cut"/>.</param>
    /// <param name="x">The column of the image where it was cut out, px.</param>
    /// <param name="y">The row of the image where it was cut out, px.</param>
    /// <returns>The code; a reading with the reason where there is none that can be read, or more than one.</returns>
    public CodeReading Read(Image grey, int x, int y)
    {
        var start = clock.GetTimestamp();
        var found = new Dictionary<string, (CodeFormat Format, PixelBox Box)>(StringComparer.Ordinal);
        Exception? error = null;
        foreach (var attempt in Attempts(grey, found))
        {
            if (clock.GetElapsedTime(start) >= limit)
            {
                if (found.Count == 0)
                    return Ended(CodeReading.Unread(FormattableString.Invariant($"no code was read within {limit.TotalSeconds:0.###} s")));
                break;
            }

            try
            {
                Decode(grey, attempt, found);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The decoder has faults of its own, which other parts of the image may not meet.
                error = e;
            }
        }

        return Ended(Result(found, error, x, y));

        CodeReading Ended(CodeReading reading) => reading with { Time = clock.GetElapsedTime(start) };
    }

    /// <summary>Returns what to try, in order. Places of codes that were found are not tried again; the later attempts come only where none was.</summary>
    private IEnumerable<Attempt> Attempts(Image grey, Dictionary<string, (CodeFormat Format, PixelBox Box)> found)
    {
        yield return new(new PixelBox(0, 0, grey.Width, grey.Height), _local);
        var places = CodeCandidates.Find(grey, MaxCandidates);
        foreach (var place in places.Where(place => !found.Values.Any(f => f.Box.Overlaps(place))))
            yield return new(place, _local);
        var more = places.Select(place => new Attempt(place, _global))
            .Concat(places.Select(place => new Attempt(place, _local, Scale: 2)))
            .Concat(formats.Any(CodeFormats.IsLinear) ? places.SelectMany(place => Turns.Select(turn => new Attempt(place, _local, Degrees: turn))) : []);
        foreach (var attempt in more.TakeWhile(_ => found.Count == 0))
            yield return attempt;
    }

    private void Decode(Image grey, Attempt attempt, Dictionary<string, (CodeFormat Format, PixelBox Box)> found)
    {
        using var view = new CodeView(grey, attempt.Box, attempt.Scale, attempt.Degrees);
        var source = view.Source();
        foreach (var code in attempt.Decoder.DecodeMultiple(source) ?? attempt.Decoder.DecodeMultiple(source.invert()) ?? [])
            found.TryAdd(code.Text ?? "", (formats.First(f => f.ToDecoder() == code.BarcodeFormat), view.ToImage(code.ResultPoints ?? [])));
    }

    private static BarcodeReaderGeneric Decoder(IReadOnlyList<CodeFormat> formats, Func<LuminanceSource, Binarizer> binarizer) => new(null, binarizer, null)
    {
        Options = new DecodingOptions { TryHarder = true, PossibleFormats = [.. formats.Select(CodeFormats.ToDecoder)] },
    };

    private CodeReading Result(Dictionary<string, (CodeFormat Format, PixelBox Box)> found, Exception? error, int x, int y)
    {
        if (found.Count == 0)
            return CodeReading.Unread($"no {string.Join(", ", formats.Select(CodeFormats.ToText))} code can be read{(error is null ? "" : $"; the decoder failed: {error.GetType().Name}: {error.Message}")}");
        if (found.Count > 1)
            return CodeReading.Unread($"{found.Count} codes are in the region, want one");
        var (text, (format, box)) = found.Single();
        return text.Length is 0 or > CodeReading.MaxLength
            ? CodeReading.Unread($"the {format.ToText()} code has {text.Length} characters, want 1 to {CodeReading.MaxLength}")
            : new CodeReading(text, format, box with { X = box.X + x, Y = box.Y + y }, null);
    }

    private sealed record Attempt(PixelBox Box, BarcodeReaderGeneric Decoder, double Scale = 1, double Degrees = 0);
}
