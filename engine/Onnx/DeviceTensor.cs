using Microsoft.ML.OnnxRuntime;

namespace MrfAd.Engine.Onnx;

/// <summary>A tensor in the memory of the provider that computed it.</summary>
public sealed class DeviceTensor : IDisposable
{
    internal DeviceTensor(OrtValue value) => Value = value;

    internal OrtValue Value { get; }

    public void Dispose() => Value.Dispose();
}
