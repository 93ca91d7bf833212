using System.Buffers.Binary;

namespace MrfAd.Engine.Images;

/// <summary>
/// Reads all codes of a JPEG file (ISO/IEC 10918-1, annexes F and G) without making a picture of them, and thereby finds data that is missing or damaged: the
/// decoder fills what it cannot read with grey, or goes on with wrong values, and tells nobody.
/// </summary>
internal ref partial struct JpegScans
{
    private const byte Baseline = 0xC0, Extended = 0xC1, Progressive = 0xC2;

    private const int BlockSide = 8, LastCoefficient = 63;

    private readonly ReadOnlySpan<byte> _jpeg;
    private readonly ushort[]?[] _codes = new ushort[]?[8]; // four tables of means, then four of the other coefficients
    private Component[] _components = [];
    private int _width, _height, _maxH = 1, _maxV = 1;
    private int _restartInterval;
    private bool _isProgressive;
    private int _run; // blocks without further coefficients

    private JpegScans(ReadOnlySpan<byte> jpeg) => _jpeg = jpeg;

    /// <param name="jpeg">A file whose markers have been checked.</param>
    /// <exception cref="ImageFormatException">A scan has less data than its picture takes, more than it, or data that is none.</exception>
    public static void Check(ReadOnlySpan<byte> jpeg, string name)
    {
        if (!new JpegScans(jpeg).AreWhole())
            throw new ImageFormatException($"{name}: JPEG is damaged: the data of its picture is incomplete or has been changed");
    }

    /// <returns>False where a scan is damaged; true also where a header is, or is of a kind that is not read here: that is left to the decoder.</returns>
    private bool AreWhole()
    {
        for (var at = 2; at + 4 <= _jpeg.Length && _jpeg[at] == 0xFF;)
        {
            var marker = _jpeg[at + 1];
            if (marker is 0xFF or 0x01 or (>= 0xD0 and <= 0xD7))
            {
                at += marker == 0xFF ? 1 : 2;
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(_jpeg[(at + 2)..]);
            if (marker is 0xD8 or 0xD9 || length < 2 || at + 2 + length > _jpeg.Length)
                return true;
            var content = _jpeg.Slice(at + 4, length - 2);
            at += 2 + length;
            var isKnown = marker switch
            {
                Baseline or Extended or Progressive => ReadFrame(content, marker == Progressive),
                0xC4 => ReadCodes(content),
                0xDD => ReadRestartInterval(content),
                0xDA => IsScanReadable(content),
                _ => marker is not (> 0xC0 and <= 0xCF), // lossless and arithmetic coding
            };
            if (!isKnown)
                return true;
            if (marker != 0xDA)
                continue;
            if (ReadScan(content, at) is not { } end)
                return false;
            at = end;
        }

        return true;
    }

    private bool ReadFrame(ReadOnlySpan<byte> content, bool isProgressive)
    {
        if (content.Length < 6 || content.Length < 6 + (3 * content[5]) || _components.Length > 0)
            return false;
        (_height, _width) = (BinaryPrimitives.ReadUInt16BigEndian(content[1..]), BinaryPrimitives.ReadUInt16BigEndian(content[3..]));
        _isProgressive = isProgressive;
        var components = new Component[content[5]];
        for (var i = 0; i < components.Length; i++)
        {
            var sampling = content[7 + (3 * i)];
            components[i] = new Component { Id = content[6 + (3 * i)], H = sampling >> 4, V = sampling & 15 };
            if (components[i].H is 0 or > 4 || components[i].V is 0 or > 4)
                return false;
            (_maxH, _maxV) = (Math.Max(_maxH, components[i].H), Math.Max(_maxV, components[i].V));
        }

        foreach (var component in components)
        {
            (component.Columns, component.Rows) = (Blocks(_width * component.H, _maxH), Blocks(_height * component.V, _maxV));
            component.Stride = Blocks(_width, _maxH) * component.H;
        }

        _components = components;
        return _width > 0 && _height > 0;
    }

    /// <summary>Returns how many blocks a length takes that is given in a finer unit.</summary>
    private static int Blocks(int length, int perPixel) => ((length + perPixel - 1) / perPixel + BlockSide - 1) / BlockSide;

    /// <summary>Reads tables of codes: how many codes there are of each length, then their symbols in the order of the codes.</summary>
    private readonly bool ReadCodes(ReadOnlySpan<byte> content)
    {
        while (content.Length >= 17)
        {
            var (table, count) = (((content[0] >> 4) * 4) + (content[0] & 15), 0);
            foreach (var ofLength in content[1..17])
                count += ofLength;
            if ((content[0] >> 4) > 1 || (content[0] & 15) > 3 || content.Length < 17 + count)
                return false;
            var codes = new ushort[1 << 16];
            var (code, symbol) = (0, 17);
            for (var length = 1; length <= 16; length++)
            {
                for (var i = 0; i < content[length]; i++)
                {
                    var sequences = 1 << (16 - length);
                    if (code + sequences > codes.Length)
                        return false;
                    codes.AsSpan(code, sequences).Fill((ushort)((length << 8) | content[symbol++]));
                    code += sequences;
                }
            }

            _codes[table] = codes;
            content = content[(17 + count)..];
        }

        return true;
    }

    private bool ReadRestartInterval(ReadOnlySpan<byte> content)
    {
        if (content.Length < 2)
            return false;
        _restartInterval = BinaryPrimitives.ReadUInt16BigEndian(content);
        return true;
    }

    /// <summary>Returns whether all that a scan refers to is there; cameras may leave out tables of codes that decoders know.</summary>
    private readonly bool IsScanReadable(ReadOnlySpan<byte> header)
    {
        if (header.Length < 1 || header[0] is 0 or > 4 || header.Length != 4 + (2 * header[0]))
            return false;
        var (first, last, refined) = (header[^3], header[^2], header[^1] >> 4);
        if (last > LastCoefficient || first > last || (first > 0 && header[0] > 1))
            return false;
        for (var i = 0; i < header[0]; i++)
        {
            var (id, tables) = (header[1 + (2 * i)], header[2 + (2 * i)]);
            if (Find(id) is null || (tables >> 4) > 3 || (tables & 15) > 3)
                return false;
            var needsMeans = !_isProgressive || (first == 0 && refined == 0);
            var needsOthers = !_isProgressive || first > 0;
            if ((needsMeans && _codes[tables >> 4] is null) || (needsOthers && _codes[4 + (tables & 15)] is null))
                return false;
        }

        return true;
    }

    private readonly Component? Find(byte id) => Array.Find(_components, c => c.Id == id);

    /// <returns>The place of the marker behind the scan; null where its data is damaged.</returns>
    private int? ReadScan(ReadOnlySpan<byte> header, int at)
    {
        var scan = new Scan(header[^3], header[^2], IsRefinement: header[^1] >> 4 > 0);
        var parts = new (Component Component, ushort[]? Means, ushort[]? Others)[header[0]];
        for (var i = 0; i < parts.Length; i++)
        {
            var tables = header[2 + (2 * i)];
            parts[i] = (Find(header[1 + (2 * i)])!, _codes[tables >> 4], _codes[4 + (tables & 15)]);
        }

        // A scan of one component has its blocks row by row; one of several has, for each unit, the blocks of each.
        var (columns, rows) = parts is [var (one, _, _)] ? (one.Columns, one.Rows) : (Blocks(_width, _maxH), Blocks(_height, _maxV));
        var bits = new JpegBits(_jpeg, at);
        _run = 0;
        for (var unit = 0; unit < columns * rows; unit++)
        {
            if (unit > 0 && _restartInterval > 0 && unit % _restartInterval == 0)
            {
                if (bits.End() is not (var next, >= 0xD0 and <= 0xD7 and var marker) || marker - 0xD0 != (unit / _restartInterval - 1) % 8)
                    return null;
                bits = new JpegBits(_jpeg, next);
                _run = 0;
            }

            var (x, y) = (unit % columns, unit / columns);
            foreach (var (component, means, others) in parts)
            {
                var (h, v) = parts.Length == 1 ? (1, 1) : (component.H, component.V);
                for (var block = 0; block < h * v; block++)
                {
                    var index = (((y * v) + (block / h)) * component.Stride) + (x * h) + (block % h);
                    if (!(_isProgressive ? ReadBlock(ref bits, scan, component, index, means, others) : ReadBlock(ref bits, means!, others!)))
                        return null;
                }
            }

            if (bits.IsPastEnd)
                return null;
        }

        return bits.End() is (var end, _) ? end - 2 : null;
    }

    /// <summary>The coefficients that a scan of a progressive image brings.</summary>
    /// <param name="First">The first coefficient; 0 is the mean.</param>
    /// <param name="Last">The last one.</param>
    private readonly record struct Scan(int First, int Last, bool IsRefinement);

    /// <summary>A colour of the picture.</summary>
    private sealed class Component
    {
        private ulong[]? _present;

        public required byte Id { get; init; }

        /// <summary>The blocks beside each other in a unit of a scan of several components.</summary>
        public required int H { get; init; }

        /// <summary>The blocks below each other in such a unit.</summary>
        public required int V { get; init; }

        public int Columns { get; set; }

        public int Rows { get; set; }

        /// <summary>The blocks of a row with those that fill up its last unit.</summary>
        public int Stride { get; set; }

        public ref ulong Block(int index) => ref (_present ??= new ulong[Stride * (Rows + V)])[index];
    }
}
