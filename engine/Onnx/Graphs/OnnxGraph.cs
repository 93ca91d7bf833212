using Google.Protobuf;
using MrfAd.Onnx.Graphs.Format;
using MrfAd.Platform;

namespace MrfAd.Onnx.Graphs;

/// <summary>An ONNX model in memory, which can be cut to the needed outputs.</summary>
public sealed class OnnxGraph
{
    private readonly ModelProto _model;

    private OnnxGraph(ModelProto model) => _model = model;

    /// <param name="path">The path of an ONNX file; its weights may be in other files.</param>
    /// <exception cref="OnnxModelException">The file is not an ONNX model.</exception>
    public static OnnxGraph Read(string path)
    {
        try
        {
            using var file = UserFiles.OpenRead(path);
            var model = ModelProto.Parser.ParseFrom(file);
            return model.Graph is { Node.Count: > 0 } ? new OnnxGraph(model) : throw new OnnxModelException($"{path}: not an ONNX model (it holds no graph){FileKind.Clause(path)}");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new OnnxModelException($"{path}: not an ONNX model, or a damaged one ({e.Message}){FileKind.Clause(path)}");
        }
    }

    public static OnnxGraph Of(ModelProto model) => new(model);

    public GraphProto Graph => _model.Graph;

    /// <summary>The version of ONNX's operator set that the model uses.</summary>
    public int OperatorSet => (int)(_model.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version ?? 0);

    /// <summary>The names of inputs that are not weights.</summary>
    public IReadOnlyList<string> Inputs
    {
        get
        {
            var weights = _model.Graph.Initializer.Select(i => i.Name).ToHashSet();
            return [.. _model.Graph.Input.Select(i => i.Name).Where(i => !weights.Contains(i))];
        }
    }

    /// <summary>The names of the files beside the model that hold its weights.</summary>
    public IReadOnlyList<string> WeightFiles =>
        [.. _model.Graph.Initializer.SelectMany(i => i.ExternalData).Where(e => e.Key == "location").Select(e => e.Value).Distinct()];

    /// <summary>The number of values of all weights.</summary>
    public long Parameters => _model.Graph.Initializer.Where(i => i.DataType != 7).Sum(i => i.Dims.Aggregate(1L, (count, side) => count * side)); // 7: int64, shapes

    /// <summary>
    /// Floating-point operations of a run, by arithmetic: matrix products and convolutions of a graph whose sizes are fixed, as
    /// <see cref="GraphBuilder"/> writes them; a multiplication and its addition are two. 0 where they depend on the view.
    /// </summary>
    public double Operations() => GraphCost.Of(_model.Graph);

    public IReadOnlyList<string> Outputs => [.. _model.Graph.Output.Select(o => o.Name)];

    /// <summary>
    /// Removes all nodes on which <paramref name="tensors"/> do not depend and makes these the outputs; any tensor of the graph can be an output.
    /// </summary>
    /// <exception cref="OnnxModelException">No node computes one of them; the message lists the existing tensors.</exception>
    public void KeepOnly(IReadOnlyList<string> tensors)
    {
        var graph = _model.Graph;
        var makers = new Dictionary<string, NodeProto>();
        foreach (var node in graph.Node)
        {
            foreach (var output in node.Output)
                makers[output] = node;
        }

        var needed = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var used = new HashSet<string>();
        var open = new Stack<string>();
        foreach (var tensor in tensors)
        {
            if (!makers.ContainsKey(tensor))
                throw new OnnxModelException($"the graph computes no tensor '{tensor}'; its outputs are {string.Join(", ", Outputs)}");
            open.Push(tensor);
        }

        while (open.TryPop(out var tensor))
        {
            if (!used.Add(tensor) || !makers.TryGetValue(tensor, out var node) || !needed.Add(node))
                continue;
            foreach (var input in node.Input)
                open.Push(input);
        }

        Retain(graph.Node, needed.Contains);
        Retain(graph.Initializer, i => used.Contains(i.Name));
        Retain(graph.Input, i => used.Contains(i.Name));
        graph.ValueInfo.Clear(); // may name removed tensors; the runtime infers shapes by itself
        var outputs = tensors.Select(t => graph.Output.FirstOrDefault(o => o.Name == t) ?? FloatTensor(t)).ToList();
        graph.Output.Clear();
        graph.Output.AddRange(outputs);
    }

    /// <summary>Lets batch, height and width of an image input [N, C, H, W] vary, whatever sizes the file was exported with.</summary>
    public void FreeImageSize(string input)
    {
        var shape = _model.Graph.Input.First(i => i.Name == input).Type.TensorType.Shape;
        foreach (var (axis, name) in new[] { (0, "N"), (2, "H"), (3, "W") })
            shape.Dim[axis] = new TensorShapeProto.Types.Dimension { DimParam = name };
        foreach (var output in _model.Graph.Output)
            output.Type.TensorType.Shape = null;
    }

    /// <summary>Returns the model as the bytes of an ONNX file.</summary>
    public byte[] ToBytes() => _model.ToByteArray();

    private static void Retain<T>(Google.Protobuf.Collections.RepeatedField<T> field, Func<T, bool> keep)
    {
        var kept = field.Where(keep).ToList();
        field.Clear();
        field.AddRange(kept);
    }

    private static ValueInfoProto FloatTensor(string name) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.TensorType { ElemType = 1 } } };
}
