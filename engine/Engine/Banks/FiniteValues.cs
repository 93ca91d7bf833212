using System.Numerics;
using System.Runtime.InteropServices;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Engine.Banks;

/// <summary>Checks that the numbers of a tensor are finite.</summary>
internal static class FiniteValues
{
    // The exponents of infinities and NaNs.
    private const uint Exponent32 = 0x7F80_0000;
    private const ushort Exponent16 = 0x7C00;

    private const int BlockBytes = 1 << 20;

    /// <param name="name">The name of a tensor of F32 or F16.</param>
    /// <exception cref="BankFormatException">A value is infinite or no number; the message names tensor, row and column.</exception>
    public static void Check(TensorFile file, string name, CancellationToken cancellation = default)
    {
        var tensor = file.Tensors[name];
        var size = tensor.Type == TensorType.F16 ? sizeof(ushort) : sizeof(float);
        var buffer = new byte[(int)Math.Min(BlockBytes, tensor.ByteCount)];
        for (long at = 0; at < tensor.ByteCount; at += BlockBytes)
        {
            cancellation.ThrowIfCancellationRequested();
            var block = buffer.AsSpan(0, file.Read(tensor, at, buffer));
            var found = size == sizeof(ushort) ? Find(MemoryMarshal.Cast<byte, ushort>(block), Exponent16) : Find(MemoryMarshal.Cast<byte, uint>(block), Exponent32);
            if (found < 0)
                continue;
            var index = (at / size) + found;
            var place = tensor.Shape is [_, var columns] ? $"row {index / columns}, column {index % columns}" : $"value {index}";
            throw new BankFormatException($"{file.Path}: tensor '{name}' is not finite in {place}");
        }
    }

    /// <returns>The index of the first value whose exponent is all ones; -1 where there is none.</returns>
    private static int Find<T>(ReadOnlySpan<T> values, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        var (ones, i) = (new Vector<T>(exponent), 0);
        for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            if (Vector.EqualsAny(new Vector<T>(values[i..]) & ones, ones))
                break;
        }

        for (; i < values.Length; i++)
        {
            if ((values[i] & exponent) == exponent)
                return i;
        }

        return -1;
    }
}
