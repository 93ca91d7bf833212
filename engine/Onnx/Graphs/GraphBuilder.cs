using System.Runtime.InteropServices;
using Google.Protobuf;
using MrfAd.Onnx.Graphs.Format;
using MrfAd.Onnx.Tensors;
using MrfAd.Platform;

namespace MrfAd.Onnx.Graphs;

/// <summary>
/// Builds an ONNX model node by node. Each method adds one node, named by its last argument, and returns its output, which has the same
/// name. Inputs and outputs are fp32 whatever the precision inside.
/// </summary>
/// <param name="operatorSet">The version of ONNX's operator set; 20 is the first with Gelu.</param>
public sealed partial class GraphBuilder(string name, GraphPrecision precision = GraphPrecision.Fp32, int operatorSet = 20)
{
    private const int Float = 1;
    private const int Int8 = 3;
    private const int Int64 = 7;
    private const int Half = 10;

    // The domain of ONNX Runtime's own operators.
    private const string Microsoft = "com.microsoft";

    private const int IrVersion = 9;

    // A protobuf message holds less than 2³¹ bytes, and nodes take some of them.
    private const long MaxWeightBytes = int.MaxValue - (16 << 20);

    // Constants with fewer bytes stay in the graph, where a reader sees them.
    private const int MinStored = 1024;

    private readonly GraphProto _graph = new() { Name = name };
    private readonly HashSet<string> _names = [];

    /// <summary>The version of ONNX's operator set that its nodes use.</summary>
    public int OperatorSet => operatorSet;

    /// <summary>The size of all constants, bytes.</summary>
    public long WeightBytes { get; private set; }

    /// <param name="shape">The shape; null marks an axis of any size.</param>
    public Tensor Input(string name, params IReadOnlyList<long?> shape)
    {
        var input = Input(name, TensorType.F32, shape);
        return precision == GraphPrecision.Fp16 ? Cast(input, TensorType.F16, $"{name}.half") : input;
    }

    /// <summary>Adds an input of a type of its own, whatever the precision.</summary>
    /// <inheritdoc cref="Input(string, IReadOnlyList{long?})"/>
    public Tensor Input(string name, TensorType type, params IReadOnlyList<long?> shape)
    {
        var value = Value(Unused(name), CodeOf(type), new TensorShapeProto());
        value.Type.TensorType.Shape.Dim.AddRange(shape.Select((side, axis) => side is { } fixedSide
            ? new TensorShapeProto.Types.Dimension { DimValue = fixedSide }
            : new TensorShapeProto.Types.Dimension { DimParam = $"{name}.{axis}" }));
        _graph.Input.Add(value);
        return new Tensor(name);
    }

    /// <param name="values">The values, row-major.</param>
    /// <exception cref="OnnxModelException">The constant is larger than an ONNX file can be, or a value is too large for the precision.</exception>
    public Tensor Constant(string name, ReadOnlySpan<float> values, params IReadOnlyList<long> shape)
    {
        if (sizeof(float) * (long)values.Length > MaxWeightBytes)
            throw new OnnxModelException(FormattableString.Invariant($"{_graph.Name}: '{name}' needs more than {MaxWeightBytes / 1e9:0.00} GB, and an ONNX file holds no more"));
        if (precision != GraphPrecision.Fp16)
            return Initializer(name, Float, MemoryMarshal.AsBytes(values), shape);
        return Initializer(name, Half, MemoryMarshal.AsBytes(Halves(name, values).AsSpan()), shape);
    }

    /// <summary>Adds a constant that is stored in fp16 and used in fp32, with the values rounded to fp16.</summary>
    /// <param name="values">The values, row-major.</param>
    /// <exception cref="OnnxModelException">A value is too large for fp16.</exception>
    public Tensor HalfConstant(string name, ReadOnlySpan<float> values, params IReadOnlyList<long> shape) =>
        Cast(Initializer($"{name}.fp16", Half, MemoryMarshal.AsBytes(Halves(name, values).AsSpan()), shape), TensorType.F32, name);

    /// <summary>Makes a tensor an output of the model.</summary>
    public void Output(Tensor tensor) => Output(tensor, TensorType.F32);

    /// <inheritdoc cref="Output(Tensor)"/>
    public void Output(Tensor tensor, TensorType type) => _graph.Output.Add(Value(tensor.Name, CodeOf(type), null));

    /// <summary>Writes the model atomically.</summary>
    /// <param name="weights">The store for its large constants; null writes them into the file itself.</param>
    /// <exception cref="OnnxModelException">The file would be larger than an ONNX file can be.</exception>
    public void Write(string path, WeightStore? weights = null)
    {
        if (weights is null && WeightBytes > MaxWeightBytes)
            throw new OnnxModelException(FormattableString.Invariant($"{_graph.Name}: its weights need {WeightBytes / 1e9:0.00} GB, and an ONNX file holds {MaxWeightBytes / 1e9:0.00} GB"));
        if (precision == GraphPrecision.Fp16)
            CastOutputs();
        foreach (var tensor in _graph.Initializer.Where(t => weights is not null && t.RawData.Length >= MinStored))
            weights!.Take(tensor);
        AtomicFile.Write(path, file => Model.WriteTo(file));
    }

    /// <returns>The model in memory, without nodes on which <paramref name="outputs"/> do not depend.</returns>
    public OnnxGraph ToGraph(IReadOnlyList<string> outputs)
    {
        var graph = OnnxGraph.Of(Model);
        graph.KeepOnly(outputs);
        return graph;
    }

    /// <summary>Adds all nodes of another model, whose input becomes a tensor of this one. Where a model is added twice, its weights are shared.</summary>
    /// <param name="prefix">The prefix of its tensors' names in this model.</param>
    /// <returns>The tensors of this model that correspond to its <paramref name="outputs"/>.</returns>
    public IReadOnlyList<Tensor> Import(GraphProto other, string input, Tensor image, string prefix, IReadOnlyList<string> outputs)
    {
        var weights = other.Initializer.Select(i => i.Name).ToHashSet();
        foreach (var weight in other.Initializer.Where(w => _names.Add($"weights.{w.Name}")))
        {
            var copy = weight.Clone();
            copy.Name = $"weights.{weight.Name}";
            _graph.Initializer.Add(copy);
        }

        foreach (var node in other.Node)
        {
            var copy = node.Clone();
            copy.Name = $"{prefix}node.{_graph.Node.Count}"; // many exporters omit names, and the runtime requires unique ones
            copy.Input.Clear();
            copy.Input.Add(node.Input.Select(Here));
            copy.Output.Clear();
            copy.Output.Add(node.Output.Select(o => o.Length == 0 ? o : Unused($"{prefix}{o}")));
            _graph.Node.Add(copy);
        }

        return [.. outputs.Select(o => new Tensor(Here(o)))];

        string Here(string tensor) => tensor == input ? image.Name : tensor.Length == 0 ? tensor : weights.Contains(tensor) ? $"weights.{tensor}" : $"{prefix}{tensor}";
    }

    /// <summary>Adds a constant of integers: a shape, axes, the borders of a slice.</summary>
    public Tensor Integers(string name, params ReadOnlySpan<long> values) => Initializer(name, Int64, MemoryMarshal.AsBytes(values), [values.Length]);

    private ModelProto Model
    {
        get
        {
            var model = new ModelProto { IrVersion = IrVersion, ProducerName = "mrfad", Graph = _graph };
            model.OpsetImport.Add(new OperatorSetIdProto { Version = operatorSet });
            if (_graph.Node.Any(n => n.Domain == Microsoft))
                model.OpsetImport.Add(new OperatorSetIdProto { Domain = Microsoft, Version = 1 });
            return model;
        }
    }

    private System.Half[] Halves(string name, ReadOnlySpan<float> values)
    {
        var halves = new System.Half[values.Length];
        for (var i = 0; i < halves.Length; i++)
        {
            halves[i] = (System.Half)values[i];
            if (!System.Half.IsFinite(halves[i]))
                throw new OnnxModelException($"{_graph.Name}: '{name}' holds {values[i]}, too large for fp16");
        }

        return halves;
    }

    private void CastOutputs()
    {
        foreach (var name in _graph.Output.Select(o => o.Name).ToList())
        {
            foreach (var names in _graph.Node.SelectMany(n => new[] { n.Input, n.Output }))
            {
                for (var i = 0; i < names.Count; i++)
                    names[i] = names[i] == name ? $"{name}.half" : names[i];
            }

            var cast = new NodeProto { OpType = "Cast", Name = $"{name}.cast" };
            cast.Input.Add($"{name}.half");
            cast.Output.Add(name);
            cast.Attribute.Add(Int("to", Float));
            _graph.Node.Add(cast);
        }
    }

    private NodeProto Node(string type, string name, params Tensor[] inputs)
    {
        var node = new NodeProto { OpType = type, Name = name };
        node.Input.Add(inputs.Select(i => i.Name));
        node.Output.Add(Unused(name));
        _graph.Node.Add(node);
        return node;
    }

    private Tensor Initializer(string name, int type, ReadOnlySpan<byte> values, IReadOnlyList<long> shape)
    {
        WeightBytes += values.Length;
        var tensor = new TensorProto { Name = Unused(name), DataType = type, RawData = ByteString.CopyFrom(values) };
        tensor.Dims.Add(shape);
        _graph.Initializer.Add(tensor);
        return new Tensor(name);
    }

    private string Unused(string name) => _names.Add(name) ? name : throw new ArgumentException($"the graph has a '{name}' already", nameof(name));

    private static ValueInfoProto Value(string name, int type, TensorShapeProto? shape) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.TensorType { ElemType = type, Shape = shape } } };

    private static int CodeOf(TensorType type) => type switch
    {
        TensorType.F32 => Float,
        TensorType.F16 => Half,
        TensorType.I8 => Int8,
        TensorType.I64 => Int64,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a type of our graphs"),
    };
}
