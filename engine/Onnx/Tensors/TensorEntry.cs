namespace MrfAd.Onnx.Tensors;

/// <summary>The name, type, shape and location of a tensor in a file.</summary>
/// <param name="Offset">The offset of its first byte in the file.</param>
public sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<long> Shape, long Offset, long ByteCount);
