using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Checkpoints;

/// <summary>A run of values that tensors of a PyTorch file are views of.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Count">Values.</param>
internal sealed record TorchStorage(string Key, TensorType Type, long Count);
