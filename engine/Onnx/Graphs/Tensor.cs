namespace MrfAd.Onnx.Graphs;

/// <summary>A value of a graph under construction: a node's output, an input, or a constant.</summary>
public readonly record struct Tensor(string Name);
