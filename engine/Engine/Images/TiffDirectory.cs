namespace MrfAd.Engine.Images;

/// <summary>The first directory of a TIFF file (TIFF 6.0, section 2) or BigTIFF file, as far as it says how large the image is and what its samples mean.</summary>
internal sealed class TiffDirectory
{
    // TIFF 6.0, section 8; TileWidth and TileLength are of section 15, SampleFormat of section 19.
    private const int NewSubfileType = 254, ImageWidth = 256, ImageLength = 257, BitsPerSample = 258, Photometric = 262,
        SamplesPerPixelTag = 277, MaxSampleValueTag = 281, PlanarConfiguration = 284, TileWidthTag = 322, TileLengthTag = 323, SampleFormat = 339;

    // A MaxSampleValue from here on needs all 16 bits; some programs write the largest value of the image there.
    private const long Half = 0x8000;

    private readonly Dictionary<int, long> _first = [];

    private TiffDirectory()
    {
    }

    /// <summary>The meaning of zero: 0 means white, 1 black; others are colours (2: RGB, 3: palette).</summary>
    public long PhotometricInterpretation => Value(Photometric, otherwise: -1);

    public long Width => Value(ImageWidth, otherwise: 0);

    public long Height => Value(ImageLength, otherwise: 0);

    /// <summary>The bits of the first sample.</summary>
    public long Bits => Value(BitsPerSample, otherwise: 1);

    public long SamplesPerPixel => Value(SamplesPerPixelTag, otherwise: 1);

    /// <summary>The largest value that a sample has, where the file says so.</summary>
    public long? MaxSampleValue => _first.TryGetValue(MaxSampleValueTag, out var value) ? value : null;

    /// <summary>Returns true where the channels are stored one after the other and not pixel by pixel.</summary>
    public bool IsPlanar => Value(PlanarConfiguration, otherwise: 1) == 2 && SamplesPerPixel > 1;

    /// <summary>Returns true for samples that are unsigned integers.</summary>
    public bool IsUnsigned => Value(SampleFormat, otherwise: 1) is 1 or 4;

    /// <summary>Returns true for a smaller version of another image of the file.</summary>
    public bool IsReduced => (Value(NewSubfileType, otherwise: 0) & 1) != 0;

    /// <summary>The sides of a tile in pixels, 0 where the image has none.</summary>
    public (long Width, long Height) Tile => (Value(TileWidthTag, otherwise: 0), Value(TileLengthTag, otherwise: 0));

    public static bool IsTiff(ReadOnlySpan<byte> file) => file is [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..];

    /// <summary>Reads the first value of each entry that is a number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The file ends before the directory does.</exception>
    public static TiffDirectory ReadFirst(ReadOnlySpan<byte> file)
    {
        var isLittle = file[0] == (byte)'I';
        var isBig = Number(file.Slice(2, 2), isLittle) == 43;
        var at = file[(int)Math.Min(Number(isBig ? file.Slice(8, 8) : file.Slice(4, 4), isLittle), int.MaxValue)..];
        var (countBytes, entryBytes, valueAt, valueBytes) = isBig ? (8, 20, 12, 8) : (2, 12, 8, 4);
        var count = Number(at[..countBytes], isLittle);
        var directory = new TiffDirectory();
        for (var i = 0; i < count && countBytes + ((i + 1L) * entryBytes) <= at.Length; i++)
        {
            var entry = at.Slice(countBytes + (i * entryBytes), entryBytes);
            var size = Number(entry.Slice(2, 2), isLittle) switch { 1 or 6 => 1, 3 or 8 => 2, 4 or 9 or 13 => 4, 16 or 17 or 18 => 8, _ => 0 };
            var values = Number(entry.Slice(4, valueAt - 4), isLittle);
            if (size == 0 || values == 0)
                continue;
            // More values than fit the entry stand elsewhere in the file.
            var value = entry.Slice(valueAt, valueBytes);
            if (values > valueBytes / size && Number(value, isLittle) is var offset)
                value = offset <= file.Length - size ? file[(int)offset..] : [];
            // Like the decoder, the first of several entries with one tag counts.
            if (value.Length >= size)
                directory._first.TryAdd((int)Number(entry[..2], isLittle), Number(value[..size], isLittle));
        }

        return directory;
    }

    /// <exception cref="ImageFormatException">The image cannot be decoded without harm: it would take much more memory than its pixels, or be another picture than the file means.</exception>
    public void Check(string name)
    {
        if (IsReduced)
            throw new ImageFormatException($"{name}: the first image of the TIFF file is a reduced one (NewSubfileType 1): want the full one first");
        // Tiles are multiples of 16 px, and the last ones reach beyond the image; the decoder reserves a whole one.
        if (Tile.Width > TileLimit(Width) || Tile.Height > TileLimit(Height))
            throw new ImageFormatException($"{name}: TIFF tiles of {Tile.Width}×{Tile.Height} pixels are larger than the image of {Width}×{Height}");
        if (!IsUnsigned)
            throw new ImageFormatException($"{name}: TIFF samples are signed or floating-point numbers: want unsigned integers of 8 or 16 bits");
        if (IsPlanar && Bits > 8)
            throw new ImageFormatException($"{name}: TIFF channels of {Bits} bits are stored one after the other (PlanarConfiguration 2): want them pixel by pixel");
    }

    /// <summary>Brings samples of 16 bits, as OpenCV decodes them, to the full range, with white as the largest value.</summary>
    /// <exception cref="ImageFormatException">The file does not say clearly what its largest value means.</exception>
    public void Scale(Span<ushort> samples, string name)
    {
        // OpenCV shifts packed samples of 10, 12 and 14 bits to the highest bits.
        if (Bits is > 8 and < 16)
            SampleScale.FillLowBits(samples, (int)Bits);
        else if (MaxSampleValue is < Half and var max)
            Stretch(samples, max, name);
        if (PhotometricInterpretation == 0)
            SampleScale.Invert(samples);
    }

    /// <summary>Scales samples of 16 bits of which the file names the largest value: 2ⁿ − 1 for n significant bits.</summary>
    private static void Stretch(Span<ushort> samples, long max, string name)
    {
        var bits = (int)long.Log2(max + 1);
        if (max != (1 << bits) - 1 || bits < 8)
            throw new ImageFormatException($"{name}: TIFF samples of 16 bits with a MaxSampleValue of {max}: want 255, 511, … 32767 for 8 to 15 significant bits, 65535, or none");
        if (!SampleScale.TryStretch(samples, bits))
            throw new ImageFormatException($"{name}: TIFF samples are larger than their MaxSampleValue of {max}");
    }

    // 1024: programs write small images in the tile size that they use for large ones.
    private static long TileLimit(long side) => Math.Max(1024, (side + 15) / 16 * 16);

    private long Value(int tag, long otherwise) => _first.GetValueOrDefault(tag, otherwise);

    /// <exception cref="ArgumentOutOfRangeException">It does not fit 31 bits as a 64-bit number: no file is that long.</exception>
    private static long Number(ReadOnlySpan<byte> bytes, bool isLittle)
    {
        var value = 0UL;
        for (var i = 0; i < bytes.Length; i++)
            value = (value << 8) | bytes[isLittle ? bytes.Length - 1 - i : i];
        return value <= int.MaxValue || bytes.Length < 8 ? (long)value : throw new ArgumentOutOfRangeException(nameof(bytes));
    }
}
