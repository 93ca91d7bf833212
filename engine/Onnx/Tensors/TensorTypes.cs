namespace MrfAd.Onnx.Tensors;

public static class TensorTypes
{
    /// <returns>The number of bytes of one value.</returns>
    public static int SizeInBytes(this TensorType type) => type switch
    {
        TensorType.BOOL or TensorType.U8 or TensorType.I8 => 1,
        TensorType.U16 or TensorType.I16 or TensorType.F16 or TensorType.BF16 => 2,
        TensorType.U32 or TensorType.I32 or TensorType.F32 => 4,
        _ => 8,
    };
}
