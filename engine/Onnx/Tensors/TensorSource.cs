using System.Runtime.InteropServices;

namespace MrfAd.Onnx.Tensors;

/// <summary>A tensor to be written, and the function that writes its bytes.</summary>
public sealed record TensorSource(string Name, TensorType Type, IReadOnlyList<long> Shape, Action<Stream> Write)
{
    public long ByteCount => Shape.Aggregate((long)Type.SizeInBytes(), (bytes, side) => checked(bytes * side));

    /// <summary>Creates a source of a vector of values in memory.</summary>
    public static TensorSource Of<T>(string name, TensorType type, T[] values)
        where T : unmanaged => new(name, type, [values.Length], stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan())));
}
