namespace MrfAd.Onnx.Sessions;

/// <summary>What a TensorRT engine is good for: for anything else it is wrong, or slow.</summary>
/// <param name="ModelSha256">Of the graph as it is given to the runtime.</param>
/// <param name="Shapes">Of its input.</param>
/// <param name="Precision">In which TensorRT may compute it.</param>
/// <param name="TensorRt">Version.</param>
/// <param name="Runtime">ONNX Runtime's version.</param>
/// <param name="Driver">Version.</param>
/// <param name="Gpu">Model.</param>
public sealed record EngineIdentity(string ModelSha256, string Shapes, string Precision, string TensorRt, string Runtime, string Driver, string Gpu)
{
    /// <summary>What the engine was built by and for, in words.</summary>
    public string Maker => $"TensorRT {TensorRt}, ONNX Runtime {Runtime}, driver {Driver}, {Gpu}";
}
