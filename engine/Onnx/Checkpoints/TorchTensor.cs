namespace MrfAd.Onnx.Checkpoints;

/// <summary>A tensor of a PyTorch file as its pickle describes it; its bounds are not checked yet.</summary>
/// <param name="Offset">The index of its first value in the storage.</param>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides);
