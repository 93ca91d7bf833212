namespace MrfAd.Onnx.Sessions;

/// <summary>The provider on which a graph actually runs.</summary>
/// <param name="Graph">The size of the graph's view, or the encoder's id where one graph takes any size.</param>
/// <param name="Requested">The requested provider.</param>
/// <param name="Running">The provider that accepted the graph; nodes that it cannot run may run on later providers.</param>
/// <param name="Refusals">The reasons why earlier providers refused the graph, one sentence each.</param>
/// <param name="Nodes">The number of nodes, after fusion by the runtime, that ran on each provider in the first run; empty before it, and where neither TensorRT nor CUDA was requested by name or accepted the graph.</param>
public sealed record GraphPlacement(string Graph, Provider Requested, Provider Running, IReadOnlyList<string> Refusals, IReadOnlyDictionary<Provider, int> Nodes)
{
    /// <summary>True where a provider was requested by name and another one runs the graph.</summary>
    public bool FellBack => Requested != Provider.Auto && Running != Requested;

    /// <summary>The number of nodes that did not run on the requested provider or, with auto, on the one that accepted the graph.</summary>
    public int NodesElsewhere => Nodes.Where(n => n.Key != (Requested == Provider.Auto ? Running : Requested)).Sum(n => n.Value);
}
