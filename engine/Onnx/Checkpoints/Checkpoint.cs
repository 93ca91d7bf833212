using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Checkpoints;

/// <summary>A memory-mapped file of named weights: a safetensors file, or one that PyTorch's <c>torch.save</c> has written.</summary>
public sealed class Checkpoint : IDisposable
{
    private readonly IDisposable _file;

    private Checkpoint(string path, IReadOnlyDictionary<string, StoredTensor> tensors, IDisposable file)
    {
        Path = path;
        Tensors = tensors;
        _file = file;
    }

    public string Path { get; }

    /// <summary>The tensors by name; the names of nested dictionaries are joined by dots.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <exception cref="TensorFormatException">The file has neither format, is damaged, or holds an object that is neither a tensor nor a container.</exception>
    public static Checkpoint Open(string path)
    {
        if (TorchFile.Recognises(path))
        {
            var torch = TorchFile.Open(path);
            return new Checkpoint(path, torch.Tensors, torch);
        }

        var file = TensorFile.Open(path);
        return new Checkpoint(path, file.Tensors.ToDictionary(t => t.Key, t => Dense(file, t.Value)), file);
    }

    /// <returns>A tensor's values as fp32, dense in row-major order; F16, BF16 and F64 are converted.</returns>
    /// <param name="shape">The shape that the tensor must have.</param>
    /// <exception cref="TensorFormatException">There is no such tensor, it has another shape, or holds no real numbers.</exception>
    public float[] Floats(string name, params IReadOnlyList<long> shape)
    {
        var tensor = Find(name);
        if (!tensor.Shape.SequenceEqual(shape))
            throw new TensorFormatException($"{Path}: tensor '{name}' has shape [{string.Join(", ", tensor.Shape)}], want [{string.Join(", ", shape)}]");
        if (tensor.Reader() is not { } read)
            throw new TensorFormatException($"{Path}: tensor '{name}' is {tensor.Type}, want F32, F16, BF16 or F64");
        if (tensor.Count > Array.MaxLength)
            throw new TensorFormatException($"{Path}: tensor '{name}' has {tensor.Count} values, want at most {Array.MaxLength}");
        var values = new float[tensor.Count];
        var index = new long[shape.Count];
        long at = 0;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = read(at);
            for (var axis = index.Length - 1; axis >= 0; axis--)
            {
                at += tensor.Strides[axis];
                if (++index[axis] < shape[axis])
                    break;
                at -= index[axis] * tensor.Strides[axis];
                index[axis] = 0;
            }
        }

        return values;
    }

    /// <exception cref="TensorFormatException">There is no such tensor.</exception>
    public StoredTensor Find(string name) =>
        Tensors.TryGetValue(name, out var tensor) ? tensor : throw new TensorFormatException($"{Path}: tensor '{name}' is missing");

    public void Dispose() => _file.Dispose();

    /// <summary>Creates a tensor with the strides of dense row-major values.</summary>
    private static unsafe StoredTensor Dense(TensorFile file, TensorEntry entry)
    {
        var strides = new long[entry.Shape.Count];
        long stride = 1;
        for (var axis = strides.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= entry.Shape[axis];
        }

        return new StoredTensor(entry.Type, entry.Shape, strides, (nint)file.Address(entry));
    }
}
