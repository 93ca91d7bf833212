using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Sessions;

/// <summary>A tensor of ONNX Runtime, in this process's memory or in that of the device that computed it.</summary>
public sealed class RuntimeTensor : IDisposable
{
    private readonly bool _isHere;

    internal RuntimeTensor(OrtValue value, bool isHere)
    {
        _isHere = isHere;
        Value = value;
        var info = value.GetTensorTypeAndShape();
        Shape = info.Shape;
        Type = info.ElementDataType switch
        {
            TensorElementType.Float16 => TensorType.F16,
            TensorElementType.Int64 => TensorType.I64,
            _ => TensorType.F32,
        };
    }

    /// <summary>The type of the values: fp32, fp16 or 64-bit integers, which are the types that models here output.</summary>
    public TensorType Type { get; }

    public long[] Shape { get; }

    internal OrtValue Value { get; }

    /// <summary>Allocates a tensor in this process's memory.</summary>
    /// <param name="type">The type: fp32 or 64-bit integers.</param>
    public static RuntimeTensor Here(TensorType type, params long[] shape)
    {
        OnnxRuntimeLibrary.Require();
        return new(OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type == TensorType.I64 ? TensorElementType.Int64 : TensorElementType.Float, shape), isHere: true);
    }

    /// <summary>Returns the tensor's values, row-major.</summary>
    /// <typeparam name="T">The .NET type that corresponds to <see cref="Type"/>.</typeparam>
    /// <exception cref="InvalidOperationException">The values are in a device's memory.</exception>
    public Span<T> Values<T>()
        where T : unmanaged => _isHere ? Value.GetTensorMutableDataAsSpan<T>() : throw new InvalidOperationException("want a tensor in this process's memory, got one in a device's");

    public void Dispose() => Value.Dispose();
}
