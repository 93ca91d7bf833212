namespace MrfAd.Engine.Images;

/// <content>Reads the codes of one block.</content>
internal ref partial struct JpegScans
{
    /// <summary>Reads a block of a sequential scan: its mean, then runs of zeros and the coefficients that follow them.</summary>
    private static bool ReadBlock(ref JpegBits bits, ushort[] means, ushort[] others)
    {
        if (!ReadMean(ref bits, means))
            return false;
        for (var k = 1; k <= LastCoefficient; k++)
        {
            var symbol = bits.Symbol(others);
            var (zeros, size) = (symbol >> 4, symbol & 15);
            if (symbol < 0)
                return false;
            if (size == 0 && zeros < 15)
                return true;
            k += zeros;
            if (k > LastCoefficient)
                return false;
            bits.Read(size);
        }

        return true;
    }

    private static bool ReadMean(ref JpegBits bits, ushort[] means)
    {
        var size = bits.Symbol(means);
        if (size is < 0 or > 15)
            return false;
        bits.Read(size);
        return true;
    }

    private bool ReadBlock(ref JpegBits bits, Scan scan, Component component, int block, ushort[]? means, ushort[]? others)
    {
        if (scan.First > 0)
            return scan.IsRefinement ? Refine(ref bits, scan, ref component.Block(block), others!) : ReadFirst(ref bits, scan, ref component.Block(block), others!);
        if (!scan.IsRefinement)
            return ReadMean(ref bits, means!);
        bits.Read(1);
        return true;
    }

    /// <summary>Reads the highest bits of a block's coefficients.</summary>
    /// <param name="present">The coefficients that are not zero.</param>
    private bool ReadFirst(ref JpegBits bits, Scan scan, ref ulong present, ushort[] others)
    {
        if (_run > 0)
        {
            _run--;
            return true;
        }

        for (var k = scan.First; k <= scan.Last; k++)
        {
            var symbol = bits.Symbol(others);
            var (zeros, size) = (symbol >> 4, symbol & 15);
            if (symbol < 0)
                return false;
            if (size == 0 && zeros < 15)
            {
                _run = (1 << zeros) - 1 + bits.Read(zeros);
                return true;
            }

            k += zeros;
            if (k > scan.Last)
                return false;
            bits.Read(size);
            present |= size > 0 ? 1UL << k : 0;
        }

        return true;
    }

    /// <summary>Reads a further bit of each of a block's coefficients, and those that are no longer zero.</summary>
    /// <inheritdoc cref="ReadFirst"/>
    private bool Refine(ref JpegBits bits, Scan scan, ref ulong present, ushort[] others)
    {
        var k = scan.First;
        for (; _run == 0 && k <= scan.Last; k++)
        {
            var symbol = bits.Symbol(others);
            var (zeros, size) = (symbol >> 4, symbol & 15);
            if (symbol < 0 || size > 1)
                return false;
            if (size == 0 && zeros < 15)
            {
                _run = (1 << zeros) + bits.Read(zeros);
                break;
            }

            bits.Read(size);
            for (; k <= scan.Last && ((present & (1UL << k)) != 0 || zeros-- > 0); k++)
                bits.Read((present & (1UL << k)) != 0 ? 1 : 0);
            if (k > scan.Last)
                return false;
            present |= (ulong)size << k;
        }

        if (_run == 0)
            return true;
        _run--;
        for (; k <= scan.Last; k++)
            bits.Read((present & (1UL << k)) != 0 ? 1 : 0);
        return true;
    }
}
