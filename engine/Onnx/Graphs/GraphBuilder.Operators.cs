using System.Runtime.InteropServices;
using MrfAd.Onnx.Graphs.Format;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Graphs;

/// <content>The operators: each method adds one node.</content>
public sealed partial class GraphBuilder
{
    /// <summary>Adds a convolution with a bias.</summary>
    /// <param name="weight">The kernels, [outputs, inputs / groups, k, k].</param>
    /// <param name="groups">The number of groups of channels that are convolved each by itself.</param>
    public Tensor Conv(Tensor x, Tensor weight, Tensor bias, int stride, int padding, string name, int groups = 1)
    {
        var node = Node("Conv", name, x, weight, bias);
        if (groups > 1)
            node.Attribute.Add(Int("group", groups));
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

    /// <summary>Adds a linear layer, x Wᵀ + b.</summary>
    /// <param name="x">The input, [rows, inputs].</param>
    /// <param name="weight">The weights W, [outputs, inputs].</param>
    /// <param name="bias">The biases b, [outputs].</param>
    public Tensor Linear(Tensor x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int inputs, string name)
    {
        var outputs = bias.Length;
        if (precision == GraphPrecision.Int8)
            return QuantisedLinear(x, weight, bias, inputs, name);
        Node("Gemm", name, x, Constant($"{name}.weight", weight, outputs, inputs), Constant($"{name}.bias", bias, outputs)).Attribute.Add(Int("transB", 1));
        return new Tensor(name);
    }

    /// <summary>Adds attention, softmax(q kᵀ) v for each head: as one operator where the provider has one, which never holds all of q kᵀ. The factor 1/√d must be part of q.</summary>
    /// <param name="q">The queries, [1, tokens, heads·d], as are the keys and values.</param>
    /// <returns>The result, in the shape of <paramref name="q"/>.</returns>
    public Tensor Attention(Tensor q, Tensor k, Tensor v, int heads, string name)
    {
        var node = Node("MultiHeadAttention", name, q, k, v);
        node.Domain = Microsoft;
        node.Attribute.Add(Int("num_heads", heads));
        node.Attribute.Add(Number("scale", 1));
        return new Tensor(name);
    }

    /// <summary>Turns each pair of values i and i + d/2 of a head of d values by the angle of its token, as ONNX Runtime's own operator.</summary>
    /// <param name="x">The queries or keys, [1, tokens, heads·d].</param>
    /// <param name="first">The row of the tables that belongs to the first token, one integer.</param>
    /// <param name="cosine">The cosines, [tokens, d/2], as are the sines.</param>
    public Tensor RotaryEmbedding(Tensor x, Tensor first, Tensor cosine, Tensor sine, int heads, string name)
    {
        var node = Node("RotaryEmbedding", name, x, first, cosine, sine);
        node.Domain = Microsoft;
        node.Attribute.Add(Int("num_heads", heads));
        return new Tensor(name);
    }

    /// <summary>Adds a layer normalisation over the last axis.</summary>
    public Tensor LayerNormalization(Tensor x, Tensor scale, Tensor bias, float epsilon, string name)
    {
        Node("LayerNormalization", name, x, scale, bias).Attribute.Add(Number("epsilon", epsilon));
        return new Tensor(name);
    }

    public Tensor Add(Tensor a, Tensor b, string name) => Plain("Add", name, a, b);

    public Tensor Mul(Tensor a, Tensor b, string name) => Plain("Mul", name, a, b);

    public Tensor MatMul(Tensor a, Tensor b, string name) => Plain("MatMul", name, a, b);

    public Tensor Relu(Tensor x, string name) => Plain("Relu", name, x);

    public Tensor Sigmoid(Tensor x, string name) => Plain("Sigmoid", name, x);

    /// <summary>Adds the exact GELU, by the error function.</summary>
    public Tensor Gelu(Tensor x, string name) => Plain("Gelu", name, x);

    /// <summary>Adds a softmax over the last axis.</summary>
    public Tensor Softmax(Tensor x, string name) => Plain("Softmax", name, x);

    public Tensor Reshape(Tensor x, string name, params ReadOnlySpan<long> shape) =>
        Plain("Reshape", name, x, Initializer($"{name}.shape", Int64, MemoryMarshal.AsBytes(shape), [shape.Length]));

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

    /// <returns>Equal parts of <paramref name="x"/>, named <paramref name="name"/>.0, .1, …</returns>
    public Tensor[] Split(Tensor x, int axis, int parts, string name)
    {
        var node = Node("Split", name, x);
        node.Output.Clear();
        node.Output.Add(Enumerable.Range(0, parts).Select(i => Unused($"{name}.{i}")));
        node.Attribute.Add(Int("axis", axis));
        node.Attribute.Add(Int("num_outputs", parts));
        return [.. node.Output.Select(o => new Tensor(o))];
    }

    /// <summary>Adds a node of any type; its attributes are integers.</summary>
    public Tensor Operator(string type, string name, IReadOnlyList<Tensor> inputs, params (string Name, long[] Values, bool IsList)[] attributes)
    {
        var node = Node(type, name, [.. inputs]);
        node.Attribute.Add(attributes.Select(a => a.IsList ? Ints(a.Name, a.Values) : Int(a.Name, a.Values[0])));
        return new Tensor(name);
    }

    /// <summary>Adds a node of any type that has two outputs.</summary>
    public (Tensor First, Tensor Second) Operator(string type, string name, string second, IReadOnlyList<Tensor> inputs, params (string Name, long[] Values, bool IsList)[] attributes)
    {
        var first = Operator(type, name, inputs, attributes);
        _graph.Node[^1].Output.Add(Unused(second));
        return (first, new Tensor(second));
    }

    public Tensor Cast(Tensor x, TensorType type, string name) => Operator("Cast", name, [x], ("to", [CodeOf(type)], false));

    /// <summary>Adds a linear layer with int8 weights and a scale for each output; x is quantised to unsigned bytes with a range that is determined at each run, and the products are exact.</summary>
    private Tensor QuantisedLinear(Tensor x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int inputs, string name)
    {
        var outputs = bias.Length;
        var bytes = new sbyte[weight.Length]; // [inputs, outputs]
        var factors = new float[outputs];
        for (var o = 0; o < outputs; o++)
        {
            var row = weight.Slice(o * inputs, inputs);
            foreach (var value in row)
                factors[o] = Math.Max(factors[o], Math.Abs(value) / sbyte.MaxValue);
            for (var i = 0; i < inputs; i++)
                bytes[(i * outputs) + o] = factors[o] == 0 ? (sbyte)0 : (sbyte)MathF.Round(row[i] / factors[o]);
        }

        var node = Node(
            "DynamicQuantizeMatMul", name, x, Initializer($"{name}.weight", Int8, MemoryMarshal.AsBytes(bytes.AsSpan()), [inputs, outputs]),
            Initializer($"{name}.factors", Float, MemoryMarshal.AsBytes(factors.AsSpan()), [outputs]),
            Initializer($"{name}.zeros", Int8, new byte[outputs], [outputs]),
            Constant($"{name}.bias", bias, outputs));
        node.Domain = Microsoft;
        return new Tensor(name);
    }

    private Tensor Plain(string type, string name, params Tensor[] inputs)
    {
        Node(type, name, inputs);
        return new Tensor(name);
    }

    private static AttributeProto Number(string name, float value) => new() { Name = name, F = value, Type = 1 };

    private static AttributeProto Int(string name, long value) => new() { Name = name, I = value, Type = 2 };

    private static AttributeProto Ints(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = 7 };
        attribute.Ints.Add(values.ToArray());
        return attribute;
    }
}
