namespace MrfAd.Onnx.Sessions;

/// <summary>What runs a graph. Each falls back to those after it: TensorRT, CUDA, CPU.</summary>
public enum Provider
{
    /// <summary>The first that works here; that it is the CPU is then no trouble.</summary>
    Auto,

    Tensorrt,

    Cuda,

    Cpu,
}
