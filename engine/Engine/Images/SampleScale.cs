namespace MrfAd.Engine.Images;

/// <summary>
/// The rule by which samples become 16 bits, the same for files and cameras: black is 0 and white is 65535, whatever the number of bits that a file or a
/// camera gives. A value's highest bits fill the lowest ones.
/// </summary>
internal static class SampleScale
{
    /// <returns>The value over the full range of 16 bits.</returns>
    /// <param name="bits">The bits of the value, 8 to 16.</param>
    public static ushort Full(int value, int bits) => (ushort)((value << (16 - bits)) | (value >> ((2 * bits) - 16)));

    /// <summary>Fills the lowest bits of samples whose value stands in their highest bits.</summary>
    public static void FillLowBits(Span<ushort> samples, int bits)
    {
        for (var i = 0; i < samples.Length; i++)
            samples[i] = Full(samples[i] >> (16 - bits), bits);
    }

    /// <summary>Exchanges black and white.</summary>
    public static void Invert(Span<ushort> samples)
    {
        for (var i = 0; i < samples.Length; i++)
            samples[i] = (ushort)~samples[i];
    }

    /// <summary>Scales samples whose value stands in their lowest bits.</summary>
    /// <param name="bits">The bits of a value, 8 to 15.</param>
    /// <returns>False, and nothing has changed, where a sample has more bits.</returns>
    public static bool TryStretch(Span<ushort> samples, int bits)
    {
        if (samples.ContainsAnyExceptInRange((ushort)0, (ushort)((1 << bits) - 1)))
            return false;
        for (var i = 0; i < samples.Length; i++)
            samples[i] = Full(samples[i], bits);
        return true;
    }

    /// <summary>
    /// Returns true where some sample has more in its lowest bits than scaling leaves there: of a dark image that is scaled already no sample exceeds the
    /// significant bits, either.
    /// </summary>
    /// <param name="bits">The significant bits of a sample, 8 to 15.</param>
    public static bool HasFineValues(ReadOnlySpan<ushort> samples, int bits)
    {
        // Scaling by shifts leaves 0 there, and by division at most 1 for values of a dark image.
        var free = (1 << (16 - bits)) - 1;
        foreach (var sample in samples)
        {
            if ((sample & free) > 1)
                return true;
        }

        return false;
    }
}
