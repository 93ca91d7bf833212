namespace MrfAd.Onnx.Tensors;

/// <summary>The types of safetensors, by the format's own names.</summary>
public enum TensorType
{
    BOOL,
    U8,
    I8,
    U16,
    I16,
    F16,
    BF16,
    U32,
    I32,
    F32,
    U64,
    I64,
    F64,
}
