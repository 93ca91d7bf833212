using Google.Protobuf;
using MrfAd.Onnx.Graphs.Format;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Testing;

/// <summary>
/// A small convolutional network with random weights, written as an ONNX file: 8 channels at stride 4 ("l4"), 16 at stride 8 ("l8").
/// Random features suffice to find anomalies, which is all that tests of the pipeline need.
/// </summary>
public static class TinyEncoder
{
    /// <param name="gain">The factor of the weights, to make features too large or not finite.</param>
    /// <param name="operatorSet">The version of the ONNX operator set.</param>
    /// <param name="outputs">The type of the outputs, fp16 or fp32.</param>
    /// <returns>The path of the ONNX file, with its descriptor beside it.</returns>
    public static string Write(string folder, int seed = 1, float gain = 1, int operatorSet = 13, TensorType outputs = TensorType.F32)
    {
        var random = new Random(seed);
        var graph = new GraphProto { Name = "tiny" };
        graph.Input.Add(Value("image", "N", 3, "H", "W"));
        Convolution(graph, random, "image", "l4", 3, 8, kernel: 4, stride: 4, gain);
        Convolution(graph, random, "l4", "l8", 8, 16, kernel: 2, stride: 2, gain);
        graph.Output.Add(Value("l4", "N", 8, "h4", "w4"));
        graph.Output.Add(Value("l8", "N", 16, "h8", "w8"));
        if (outputs == TensorType.F16)
            Halve(graph);
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = operatorSet });
        var path = Path.Combine(folder, "tiny.onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        File.WriteAllText(Path.ChangeExtension(path, ".json"), """
            { "id": "tiny", "model": "tiny.onnx", "layers": { "l4": "l4", "l8": "l8" }, "size_multiple": 8 }
            """);
        return path;
    }

    private static void Convolution(GraphProto graph, Random random, string input, string output, int from, int to, int kernel, int stride, float gain)
    {
        var weights = new float[to * from * kernel * kernel];
        var scale = gain * MathF.Sqrt(2f / (from * kernel * kernel));
        for (var i = 0; i < weights.Length; i++)
            weights[i] = scale * (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2;
        var tensor = new TensorProto { Name = $"{output}.weight", DataType = 1, RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan())) };
        tensor.Dims.Add([to, from, kernel, kernel]);
        graph.Initializer.Add(tensor);
        var convolution = new NodeProto { OpType = "Conv", Name = $"{output}.conv" };
        convolution.Input.Add([input, tensor.Name]);
        convolution.Output.Add($"{output}.sum");
        convolution.Attribute.Add(Ints("strides", stride, stride));
        convolution.Attribute.Add(Ints("kernel_shape", kernel, kernel));
        var relu = new NodeProto { OpType = "Relu", Name = $"{output}.relu" };
        relu.Input.Add($"{output}.sum");
        relu.Output.Add(output);
        graph.Node.Add([convolution, relu]);
    }

    /// <summary>Converts the outputs to fp16, under the names that the descriptor has for the layers.</summary>
    private static void Halve(GraphProto graph)
    {
        const int Half = 10;
        foreach (var output in graph.Output)
        {
            var relu = graph.Node.Single(n => n.Output[0] == output.Name);
            foreach (var reader in graph.Node.Where(n => n.Input[0] == output.Name))
                reader.Input[0] = $"{output.Name}.full";
            relu.Output[0] = $"{output.Name}.full";
            var cast = new NodeProto { OpType = "Cast", Name = $"{output.Name}.cast" };
            cast.Input.Add(relu.Output[0]);
            cast.Output.Add(output.Name);
            cast.Attribute.Add(new AttributeProto { Name = "to", I = Half, Type = 2 });
            graph.Node.Add(cast);
            output.Type.TensorType.ElemType = Half;
        }
    }

    private static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = 7 };
        attribute.Ints.Add(values);
        return attribute;
    }

    private static ValueInfoProto Value(string name, string batch, long channels, string height, string width)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = batch });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = channels });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = height });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = width });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.TensorType { ElemType = 1, Shape = shape } } };
    }
}
