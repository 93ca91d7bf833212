namespace MrfAd.Onnx.Tensors;

/// <summary>Where a tensor lies in a file.</summary>
/// <param name="Offset">Of its first byte in the file.</param>
public sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<long> Shape, long Offset, long ByteCount);
