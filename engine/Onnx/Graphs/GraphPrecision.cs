namespace MrfAd.Onnx.Graphs;

/// <summary>In what a graph's weights are stored and its products computed.</summary>
public enum GraphPrecision
{
    Fp32,

    /// <summary>All of it: for GPUs. CPUs compute fp16 more slowly than fp32.</summary>
    Fp16,

    /// <summary>The linear layers of a transformer, ranges of their inputs found anew at each run; the rest is fp32. For CPUs with VNNI.</summary>
#pragma warning disable CA1720 // "int8" is the field's word
    Int8,
#pragma warning restore CA1720
}
