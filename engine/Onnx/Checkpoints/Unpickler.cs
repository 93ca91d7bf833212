using System.Buffers.Binary;
using System.Text;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Checkpoints;

/// <summary>
/// Reads the pickles that <c>torch.save</c> writes, and no others: tensors, dictionaries, lists, tuples, texts and numbers. A pickle is a
/// program; this reader knows only operations that build these objects, and calls nothing. Anything else is refused by name.
/// </summary>
/// <param name="path">The path of the file, for error messages.</param>
/// <param name="pickle">The address of the pickle's first byte; other data may follow the pickle.</param>
internal sealed unsafe class Unpickler(string path, byte* pickle, long length)
{
    private static readonly Dictionary<string, TensorType> Storages = new()
    {
        ["torch.FloatStorage"] = TensorType.F32,
        ["torch.HalfStorage"] = TensorType.F16,
        ["torch.BFloat16Storage"] = TensorType.BF16,
        ["torch.DoubleStorage"] = TensorType.F64,
        ["torch.LongStorage"] = TensorType.I64,
        ["torch.IntStorage"] = TensorType.I32,
        ["torch.ShortStorage"] = TensorType.I16,
        ["torch.CharStorage"] = TensorType.I8,
        ["torch.ByteStorage"] = TensorType.U8,
        ["torch.BoolStorage"] = TensorType.BOOL,
    };

    private static readonly Dictionary<byte, string> RefusedNames = new()
    {
        [(byte)'i'] = "INST",
        [(byte)'o'] = "OBJ",
        [(byte)'P'] = "PERSID",
        [0x81] = "NEWOBJ",
        [0x92] = "NEWOBJ_EX",
        [0x82] = "EXT1",
        [0x83] = "EXT2",
        [0x84] = "EXT4",
    };

    // PyTorch's own limit of dimensions.
    private const int MaxAxes = 64;

    // A damaged pickle could copy one list into a dictionary a million times.
    private const int MaxCopiedPairs = 400_000;

    private readonly Stack<object?> _stack = new();
    private readonly Dictionary<long, object?> _memo = [];
    private long _at;
    private int _copied;

    /// <summary>The number of bytes read so far.</summary>
    public long Position => _at;

    /// <returns>The object: null, bool, long, double, string, object?[] (a tuple), List, Dictionary or <see cref="TorchTensor"/>.</returns>
    /// <exception cref="TensorFormatException">The pickle is damaged, or holds another kind of object.</exception>
    public object? Read()
    {
        while (true)
        {
            var at = _at;
            var code = Take(1)[0];
            if (code == (byte)'.')
                return Pop();
            Execute(code, at);
        }
    }

    private void Execute(byte code, long at)
    {
        switch (code)
        {
            case 0x80: Take(1); break; // PROTO
            case 0x95: Take(8); break; // FRAME
            case (byte)'(': _stack.Push(Mark.Value); break;
            case (byte)'N': _stack.Push(null); break;
            case 0x88: _stack.Push(true); break;
            case 0x89: _stack.Push(false); break;
            case (byte)'K': _stack.Push((long)Take(1)[0]); break;
            case (byte)'M': _stack.Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case (byte)'J': _stack.Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case 0x8a: _stack.Push(Long(Take(Take(1)[0]))); break;
            case (byte)'G': _stack.Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case (byte)'X': _stack.Push(Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case 0x8c or (byte)'U': _stack.Push(Text(Take(1)[0])); break; // U and T: texts of Python 2
            case (byte)'T': _stack.Push(Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case (byte)'}': _stack.Push(new Dictionary<object, object?>()); break;
            case (byte)']': _stack.Push(new List<object?>()); break;
            case (byte)')': _stack.Push(Array.Empty<object?>()); break;
            case 0x85: _stack.Push(Pop(1)); break;
            case 0x86: _stack.Push(Pop(2)); break;
            case 0x87: _stack.Push(Pop(3)); break;
            case (byte)'t': _stack.Push(SinceMark()); break;
            case (byte)'a': Append([Pop()]); break;
            case (byte)'e': Append(SinceMark()); break;
            case (byte)'s': Set(Pop(2)); break;
            case (byte)'u': Set(SinceMark()); break;
            case (byte)'q': _memo[Take(1)[0]] = Peek(); break;
            case (byte)'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); break;
            case 0x94: _memo[_memo.Count] = Peek(); break; // MEMOIZE
            case (byte)'h': _stack.Push(Remembered(Take(1)[0])); break;
            case (byte)'j': _stack.Push(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case (byte)'c': _stack.Push(Known($"{Line()}.{Line()}")); break;
            case 0x93: var (name, module) = (Pop<string>(), Pop<string>()); _stack.Push(Known($"{module}.{name}")); break;
            case (byte)'Q': _stack.Push(Storage(Pop<object?[]>())); break;
            case (byte)'R': var arguments = Pop<object?[]>(); _stack.Push(Rebuild(Pop<Global>().Name, arguments)); break;
            case (byte)'b': Pop(); _ = Dictionary(); break; // attributes of a state dictionary: versions of its modules
            default: throw Refused($"the pickle operation {RefusedNames.GetValueOrDefault(code, "")} (0x{code:x2}) at byte {at}");
        }
    }

    private Global Known(string name) => Storages.ContainsKey(name) || name is "collections.OrderedDict" or "torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_parameter"
        ? new Global(name)
        : throw Refused($"'{name}'");

    private object Rebuild(string name, object?[] arguments)
    {
        switch (name, arguments)
        {
            case ("collections.OrderedDict", []):
                return new Dictionary<object, object?>();
            case ("collections.OrderedDict", [List<object?> pairs]): // of Python 2
                return Dictionary(pairs);
            case ("torch._utils._rebuild_parameter", [TorchTensor tensor, ..]):
                return tensor;
            case ("torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2", [TorchStorage storage, long offset, object?[] shape, object?[] strides, ..]):
                return new TorchTensor(storage, offset, Longs(shape), Longs(strides));
            default:
                throw Damaged($"'{name}' is called with {arguments.Length} arguments of other kinds than PyTorch's");
        }
    }

    private Dictionary<object, object?> Dictionary(List<object?> pairs)
    {
        if ((_copied += pairs.Count) > MaxCopiedPairs)
            throw Damaged($"more than {MaxCopiedPairs} pairs of dictionaries");
        var dictionary = new Dictionary<object, object?>();
        foreach (var pair in pairs)
        {
            if (pair is not List<object?> and not object?[] || ((IList<object?>)pair) is not [string key, var value])
                throw Damaged("a pair that is not a name and a value");
            dictionary[key] = value;
        }

        return dictionary;
    }

    /// <summary>Reads a storage's id: ('storage', type, key, device, count), and in old files a view, which must be null.</summary>
    private TorchStorage Storage(object?[] id) => id is ["storage", Global type, string key, _, long count, ..] && Storages.TryGetValue(type.Name, out var valueType) && (id.Length == 5 || id[5] is null)
        ? new TorchStorage(key, valueType, count)
        : throw Damaged("a reference to something that is not a storage");

    private long[] Longs(object?[] tuple) => tuple.Length > MaxAxes
        ? throw Damaged($"a tensor of {tuple.Length} axes, want at most {MaxAxes}")
        : [.. tuple.Select(v => v as long? ?? throw Damaged("a shape or stride that is not a number"))];

    private long Long(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8)
            throw Damaged($"a number of {bytes.Length} bytes, want at most 8");
        long value = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (var i = bytes.Length - 1; i >= 0; i--)
            value = (value << 8) | bytes[i];
        return value;
    }

    private string Text(uint count) => Encoding.UTF8.GetString(Take(count));

    private string Line()
    {
        var rest = new ReadOnlySpan<byte>(pickle + _at, (int)Math.Min(length - _at, 1000));
        var end = rest.IndexOf((byte)'\n');
        return end >= 0 ? Encoding.UTF8.GetString(Take(end + 1)[..end]) : throw Damaged("a name without an end");
    }

    private void Append(object?[] values) => (Peek() as List<object?> ?? throw Damaged("values appended to what is not a list")).AddRange(values);

    private void Set(object?[] pairs)
    {
        var dictionary = Dictionary();
        if (pairs.Length % 2 != 0)
            throw Damaged("a key without a value");
        for (var i = 0; i < pairs.Length; i += 2)
            dictionary[pairs[i] is string or long ? pairs[i]! : throw Damaged("a key that is neither text nor number")] = pairs[i + 1];
    }

    private Dictionary<object, object?> Dictionary() => Peek() as Dictionary<object, object?> ?? throw Damaged("entries set on what is not a dictionary");

    private object? Remembered(long index) => _memo.TryGetValue(index, out var value) ? value : throw Damaged($"object {index} is used before it was made");

    private object?[] SinceMark()
    {
        var values = new List<object?>();
        while (PopAny() is var value && value != Mark.Value)
            values.Add(value);
        values.Reverse();
        return [.. values];
    }

    private object?[] Pop(int count)
    {
        var values = new object?[count];
        while (count > 0)
            values[--count] = Pop();
        return values;
    }

    private T Pop<T>() => Pop() is T value ? value : throw Damaged($"an object of another kind where {(typeof(T) == typeof(Global) ? "a type" : "a tuple or text")} belongs");

    private object? Pop() => PopAny() is var value && value != Mark.Value ? value : throw Damaged("a mark where an object belongs");

    private object? PopAny() => _stack.TryPop(out var value) ? value : throw Damaged("more is taken from its stack than is there");

    private object? Peek() => _stack.TryPeek(out var value) && value != Mark.Value ? value : throw Damaged("its stack is empty");

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count > length - _at)
            throw Damaged($"it ends at byte {length}, want {count} more at {_at}");
        var bytes = new ReadOnlySpan<byte>(pickle + _at, checked((int)count));
        _at += count;
        return bytes;
    }

    private TensorFormatException Refused(string what) => new($"{path}: refused: {what} is not a tensor, a container or a number, and nothing else is read from a checkpoint");

    private TensorFormatException Damaged(string what) => new($"{path}: damaged checkpoint: its pickle has {what}");

    /// <summary>A class or function that the pickle names.</summary>
    private sealed record Global(string Name);

    /// <summary>Marks the beginning of a tuple or of a run of entries on the stack.</summary>
    private sealed class Mark
    {
        public static readonly object Value = new();
    }
}
