using System.Runtime.InteropServices;
using Google.Protobuf;
using MrfAd.Engine.Onnx.Format;

namespace MrfAd.Engine.Onnx;

/// <summary>
/// Writes an ONNX model node by node, weights inside. Each method adds one node, called by its last argument, and gives its output,
/// which has the same name.
/// </summary>
public sealed class GraphBuilder(string name)
{
    // 20: the first with Gelu.
    private const int OperatorSet = 20;
    private const int IrVersion = 9;

    // A protobuf message holds less than 2³¹ bytes; nodes take a little.
    private const long MostWeightBytes = int.MaxValue - (16 << 20);

    private readonly GraphProto _graph = new() { Name = name };
    private readonly HashSet<string> _names = [];

    /// <summary>Of all constants.</summary>
    public long WeightBytes { get; private set; }

    /// <param name="shape">null: any size.</param>
    public Tensor Input(string name, params IReadOnlyList<long?> shape)
    {
        var value = Value(Unused(name), new TensorShapeProto());
        value.Type.TensorType.Shape.Dim.AddRange(shape.Select((side, axis) => side is { } fixedSide
            ? new TensorShapeProto.Types.Dimension { DimValue = fixedSide }
            : new TensorShapeProto.Types.Dimension { DimParam = $"{name}.{axis}" }));
        _graph.Input.Add(value);
        return new Tensor(name);
    }

    /// <param name="values">Row-major.</param>
    /// <exception cref="OnnxModelException">With it, the file would be larger than an ONNX file can be.</exception>
    public Tensor Constant(string name, ReadOnlySpan<float> values, params IReadOnlyList<long> shape)
    {
        if (WeightBytes + (4L * values.Length) > MostWeightBytes)
            throw new OnnxModelException(FormattableString.Invariant($"{_graph.Name}: its weights need more than {MostWeightBytes / 1e9:0.00} GB with '{name}', and an ONNX file holds no more"));
        return Initializer(name, 1, MemoryMarshal.AsBytes(values), shape);
    }

    /// <summary>A constant that is stored in fp16 and computed with in fp32, as if it had been rounded.</summary>
    /// <param name="values">Row-major.</param>
    public Tensor HalfConstant(string name, ReadOnlySpan<float> values, params IReadOnlyList<long> shape)
    {
        var halves = new Half[values.Length];
        for (var i = 0; i < halves.Length; i++)
            halves[i] = (Half)values[i];
        Node("Cast", name, Initializer($"{name}.fp16", 10, MemoryMarshal.AsBytes(halves.AsSpan()), shape)).Attribute.Add(Int("to", 1));
        return new Tensor(name);
    }

    /// <summary>Makes a tensor an output of the model.</summary>
    public void Output(Tensor tensor) => _graph.Output.Add(Value(tensor.Name, null));

    /// <param name="weight">[outputs, inputs, k, k].</param>
    public Tensor Conv(Tensor x, Tensor weight, Tensor bias, int stride, int padding, string name)
    {
        var node = Node("Conv", name, x, weight, bias);
        node.Attribute.Add(Ints("strides", stride, stride));
        node.Attribute.Add(Ints("pads", padding, padding, padding, padding));
        return new Tensor(name);
    }

    public Tensor MaxPool(Tensor x, int kernel, int stride, int padding, string name)
    {
        var node = Node("MaxPool", name, x);
        node.Attribute.Add(Ints("kernel_shape", kernel, kernel));
        node.Attribute.Add(Ints("strides", stride, stride));
        node.Attribute.Add(Ints("pads", padding, padding, padding, padding));
        return new Tensor(name);
    }

    /// <summary>x Wᵀ + b.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    public Tensor Linear(Tensor x, Tensor weight, Tensor bias, string name)
    {
        Node("Gemm", name, x, weight, bias).Attribute.Add(Int("transB", 1));
        return new Tensor(name);
    }

    /// <summary>Over the last axis.</summary>
    public Tensor LayerNormalization(Tensor x, Tensor scale, Tensor bias, float epsilon, string name)
    {
        Node("LayerNormalization", name, x, scale, bias).Attribute.Add(new AttributeProto { Name = "epsilon", F = epsilon, Type = 1 });
        return new Tensor(name);
    }

    public Tensor Add(Tensor a, Tensor b, string name) => Plain("Add", name, a, b);

    public Tensor Mul(Tensor a, Tensor b, string name) => Plain("Mul", name, a, b);

    public Tensor MatMul(Tensor a, Tensor b, string name) => Plain("MatMul", name, a, b);

    public Tensor Relu(Tensor x, string name) => Plain("Relu", name, x);

    public Tensor Sigmoid(Tensor x, string name) => Plain("Sigmoid", name, x);

    /// <summary>The exact one, by the error function.</summary>
    public Tensor Gelu(Tensor x, string name) => Plain("Gelu", name, x);

    /// <summary>Over the last axis.</summary>
    public Tensor Softmax(Tensor x, string name) => Plain("Softmax", name, x);

    public Tensor Reshape(Tensor x, string name, params ReadOnlySpan<long> shape) =>
        Plain("Reshape", name, x, Initializer($"{name}.shape", 7, MemoryMarshal.AsBytes(shape), [shape.Length]));

    public Tensor Transpose(Tensor x, string name, params long[] axes)
    {
        Node("Transpose", name, x).Attribute.Add(Ints("perm", axes));
        return new Tensor(name);
    }

    public Tensor Concat(int axis, string name, params Tensor[] parts)
    {
        Node("Concat", name, parts).Attribute.Add(Int("axis", axis));
        return new Tensor(name);
    }

    /// <returns>Equal parts, called <paramref name="name"/>.0, .1, …</returns>
    public Tensor[] Split(Tensor x, int axis, int parts, string name)
    {
        var node = Node("Split", name, x);
        node.Output.Clear();
        node.Output.Add(Enumerable.Range(0, parts).Select(i => Unused($"{name}.{i}")));
        node.Attribute.Add(Int("axis", axis));
        node.Attribute.Add(Int("num_outputs", parts));
        return [.. node.Output.Select(o => new Tensor(o))];
    }

    /// <summary>Writes the model whole or not at all.</summary>
    public void Write(string path)
    {
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "mrfad", Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = OperatorSet });
        AtomicFile.Write(path, file => model.WriteTo(file));
    }

    private Tensor Plain(string type, string name, params Tensor[] inputs)
    {
        Node(type, name, inputs);
        return new Tensor(name);
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

    private static ValueInfoProto Value(string name, TensorShapeProto? shape) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.TensorType { ElemType = 1, Shape = shape } } };

    private static AttributeProto Int(string name, long value) => new() { Name = name, I = value, Type = 2 };

    private static AttributeProto Ints(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = 7 };
        attribute.Ints.Add(values.ToArray());
        return attribute;
    }
}
