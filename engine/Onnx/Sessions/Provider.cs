namespace MrfAd.Onnx.Sessions;

/// <summary>The execution provider that runs a graph. Each falls back to those after it: TensorRT, CUDA, CPU.</summary>
public enum Provider
{
    /// <summary>The first provider that works here; where that is the CPU, it is not reported as an error.</summary>
    Auto,

    Tensorrt,

    Cuda,

    Cpu,
}
