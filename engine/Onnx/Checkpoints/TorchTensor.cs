namespace MrfAd.Onnx.Checkpoints;

/// <summary>A tensor of a PyTorch file as its pickle describes it; nothing of it is checked yet.</summary>
/// <param name="Offset">Of its first value in the storage, in values.</param>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides);
