namespace MrfAd.Onnx.Graphs;

/// <summary>The precision in which a graph's weights are stored and its products computed.</summary>
public enum GraphPrecision
{
    Fp32,

    /// <summary>The whole graph in fp16, for GPUs. CPUs compute fp16 more slowly than fp32.</summary>
    Fp16,

    /// <summary>The linear layers of a transformer or a ConvNeXt in int8, with ranges of their inputs determined at each run; the rest is fp32. For CPUs with VNNI.</summary>
#pragma warning disable CA1720 // "int8" is the field's word
    Int8,
#pragma warning restore CA1720
}
