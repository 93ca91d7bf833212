namespace MrfAd.Onnx.Graphs;

/// <summary>A value of a graph under construction: what a node gives, an input, or a constant.</summary>
public readonly record struct Tensor(string Name);
