using System.Runtime.InteropServices;

namespace MrfAd.Engine.Search;

public static class RowPrecisions
{
    /// <returns>The number of bytes of one value.</returns>
    public static int Bytes(this RowPrecision precision) => precision switch
    {
        RowPrecision.Fp32 => sizeof(float),
        RowPrecision.Fp16 => sizeof(ushort),
        _ => sizeof(sbyte),
    };

    /// <summary>Stores a row.</summary>
    /// <param name="row">The row, [D], finite.</param>
    /// <param name="target">The bytes to fill, D times the bytes of one value.</param>
    /// <returns>The row's scale; 1 where the precision has none.</returns>
    /// <exception cref="OverflowException">A value is too large for fp16.</exception>
    public static float Encode(this RowPrecision precision, ReadOnlySpan<float> row, Span<byte> target)
    {
        switch (precision)
        {
            case RowPrecision.Fp32:
                MemoryMarshal.AsBytes(row).CopyTo(target);
                return 1;
            case RowPrecision.Fp16:
                var halves = MemoryMarshal.Cast<byte, Half>(target);
                for (var k = 0; k < row.Length; k++)
                {
                    halves[k] = (Half)row[k];
                    if (!Half.IsFinite(halves[k]))
                        throw new OverflowException($"fp16 holds values up to 65504, got {row[k]}");
                }

                return 1;
            default:
                var largest = 0f;
                foreach (var value in row)
                    largest = Math.Max(largest, Math.Abs(value));
                var scale = largest / sbyte.MaxValue;
                var inverse = scale > 0 ? 1 / scale : 0;
                for (var k = 0; k < row.Length; k++)
                    target[k] = (byte)(sbyte)Math.Clamp(MathF.Round(row[k] * inverse), -sbyte.MaxValue, sbyte.MaxValue);
                return scale;
        }
    }
}
