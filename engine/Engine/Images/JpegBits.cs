namespace MrfAd.Engine.Images;

/// <summary>Reads the bits of a JPEG scan up to the next marker (ISO/IEC 10918-1, annex F); behind them it reads zeros.</summary>
/// <param name="jpeg">The file.</param>
/// <param name="at">The first byte of the scan's data.</param>
internal ref struct JpegBits(ReadOnlySpan<byte> jpeg, int at)
{
    private readonly ReadOnlySpan<byte> _jpeg = jpeg;
    private int _at = at;
    private ulong _bits;   // the next bits, at the high end
    private int _count;    // the bits in _bits
    private int _madeUp;   // of these, the zeros behind the data

    /// <summary>True where more bits were read than there are before the marker.</summary>
    public readonly bool IsPastEnd => _count < _madeUp;

    /// <summary>Reads up to 16 bits.</summary>
    public int Read(int count)
    {
        if (count == 0)
            return 0;
        var value = Peek(count);
        Skip(count);
        return value;
    }

    /// <summary>Reads the symbol of the next code of a table; -1 where the bits are no code of it.</summary>
    /// <param name="codes">For each sequence of 16 bits: the length of the code that it begins with, times 256, and its symbol; 0 for none.</param>
    public int Symbol(ushort[] codes)
    {
        var code = codes[Peek(16)];
        Skip(code >> 8);
        return code == 0 ? -1 : code & 0xFF;
    }

    /// <summary>Goes to the marker behind the data.</summary>
    /// <returns>The place behind the marker's two bytes, and the marker; null where other data stands before it, or nothing follows.</returns>
    public (int At, byte Marker)? End()
    {
        // The rest of a byte is padding.
        Skip(_count % 8);
        while (_madeUp == 0 || _count > _madeUp)
        {
            // Some cameras fill up the data of a scan to a multiple of some bytes.
            if (Read(8) is not (0x00 or 0xFF))
                return null;
        }

        while (_at < _jpeg.Length && _jpeg[_at] == 0xFF)
            _at++;
        return _at < _jpeg.Length ? (_at + 1, _jpeg[_at]) : null;
    }

    private int Peek(int count)
    {
        while (_count < count)
        {
            var isData = _at < _jpeg.Length && (_jpeg[_at] != 0xFF || (_at + 1 < _jpeg.Length && _jpeg[_at + 1] == 0x00));
            _bits |= isData ? (ulong)_jpeg[_at] << (56 - _count) : 0;
            _count += 8;
            if (isData)
                _at += _jpeg[_at] == 0xFF ? 2 : 1; // a byte FF of the data is followed by 00
            else
                _madeUp += 8;
        }

        return (int)(_bits >> (64 - count));
    }

    private void Skip(int count)
    {
        _bits <<= count;
        _count -= count;
    }
}
