namespace MrfAd.Onnx.Sessions;

/// <summary>Where a graph really runs.</summary>
/// <param name="Graph">Its view's size, or the encoder's id where one graph takes any.</param>
/// <param name="Wanted">What was asked for.</param>
/// <param name="Running">The provider that took the graph; parts that it cannot run may be on those after it.</param>
/// <param name="Refusals">Why the providers before it did not, one sentence each.</param>
/// <param name="Nodes">How many nodes, after the runtime has fused some, ran on each provider in the first run; empty before it, and where neither TensorRT nor CUDA was asked for by name or took the graph.</param>
public sealed record GraphPlacement(string Graph, Provider Wanted, Provider Running, IReadOnlyList<string> Refusals, IReadOnlyDictionary<Provider, int> Nodes)
{
    /// <summary>A provider was asked for by name, and another runs the graph.</summary>
    public bool FellBack => Wanted != Provider.Auto && Running != Wanted;

    /// <summary>Nodes that did not run on the provider that was asked for, or, with auto, on the one that took the graph.</summary>
    public int NodesElsewhere => Nodes.Where(n => n.Key != (Wanted == Provider.Auto ? Running : Wanted)).Sum(n => n.Value);
}
