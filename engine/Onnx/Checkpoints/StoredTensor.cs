using System.Runtime.CompilerServices;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Checkpoints;

/// <summary>A tensor in place in a checkpoint; its bounds were checked when the file was opened.</summary>
/// <param name="Strides">The strides in values; those of a dense tensor, or of a view into a larger one.</param>
/// <param name="Address">The address of its first value, which need not be aligned; valid until the checkpoint is disposed.</param>
public sealed unsafe record StoredTensor(TensorType Type, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides, nint Address)
{
    /// <summary>The number of values.</summary>
    public long Count => Shape.Aggregate(1L, (count, side) => count * side);

    /// <returns>A function that reads the value at an index as fp32; null where the type is not one of real numbers.</returns>
    internal Func<long, float>? Reader()
    {
        var start = (byte*)Address;
        return Type switch
        {
            TensorType.F32 => i => Unsafe.ReadUnaligned<float>(start + (4 * i)),
            TensorType.F16 => i => (float)Unsafe.ReadUnaligned<Half>(start + (2 * i)),
            TensorType.BF16 => i => BitConverter.Int32BitsToSingle(Unsafe.ReadUnaligned<ushort>(start + (2 * i)) << 16),
            TensorType.F64 => i => (float)Unsafe.ReadUnaligned<double>(start + (8 * i)),
            _ => null,
        };
    }
}
