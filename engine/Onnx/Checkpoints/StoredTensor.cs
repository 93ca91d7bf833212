using System.Runtime.CompilerServices;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Checkpoints;

/// <summary>A tensor where it lies in a checkpoint; its borders were checked when the file was opened.</summary>
/// <param name="Strides">In values; those of a dense tensor, or of a view into a larger one.</param>
/// <param name="Address">Of its first value; not aligned, valid until the checkpoint is disposed.</param>
public sealed unsafe record StoredTensor(TensorType Type, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides, nint Address)
{
    /// <summary>Values.</summary>
    public long Count => Shape.Aggregate(1L, (count, side) => count * side);

    /// <returns>null: it is not a tensor of real numbers.</returns>
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
