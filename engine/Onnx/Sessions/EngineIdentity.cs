namespace MrfAd.Onnx.Sessions;

/// <summary>Identifies the graph, device and versions for which a TensorRT engine was built; for any others it is wrong, or slow.</summary>
/// <param name="ModelSha256">SHA-256 of the graph as it is passed to the runtime.</param>
/// <param name="Shapes">The shapes of its inputs.</param>
/// <param name="Precision">The precision in which TensorRT may compute it.</param>
/// <param name="TensorRt">The version of TensorRT.</param>
/// <param name="Runtime">The version of ONNX Runtime.</param>
/// <param name="Driver">The version of the NVIDIA driver.</param>
/// <param name="Gpu">The model of the GPU.</param>
public sealed record EngineIdentity(string ModelSha256, string Shapes, string Precision, string TensorRt, string Runtime, string Driver, string Gpu)
{
    /// <summary>Describes the versions and the GPU with which the engine was built.</summary>
    public string Maker => $"TensorRT {TensorRt}, ONNX Runtime {Runtime}, driver {Driver}, {Gpu}";
}
