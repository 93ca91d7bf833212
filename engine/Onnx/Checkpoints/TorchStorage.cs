using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Checkpoints;

/// <summary>An array of values of which tensors of a PyTorch file are views.</summary>
/// <param name="Key">The name of the storage in the file.</param>
/// <param name="Count">The number of values.</param>
internal sealed record TorchStorage(string Key, TensorType Type, long Count);
