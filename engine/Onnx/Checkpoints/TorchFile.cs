using System.IO.MemoryMappedFiles;
using System.Text;
using MrfAd.Onnx.Tensors;
using MrfAd.Platform;

namespace MrfAd.Onnx.Checkpoints;

/// <summary>
/// A memory-mapped file of <c>torch.save</c>: a ZIP archive with a pickle and a file for each storage, or (before PyTorch 1.6, as some
/// published weights still are) pickles followed by the storages. Nothing is used before it was checked, and nothing is executed.
/// </summary>
internal sealed unsafe class TorchFile : IDisposable
{
    // The pickle of the largest published vision model is below 1 MB; one byte of it can cause an allocation of a hundred.
    private const long MaxPickleBytes = 4 << 20;
    private const int DeepestNesting = 32;
    private const int MaxNameLength = 1000;
    private const int MaxObjects = 400_000;

    private static readonly byte[] ZipStart = "PK\x03\x04"u8.ToArray();
    private static readonly byte[] OldStart = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    private readonly string _path;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly long _length;
    private readonly Dictionary<string, ZipEntryPlace> _storages = [];
    private readonly Dictionary<string, StoredTensor> _tensors = [];
    private int _visited;

    private TorchFile(string path)
    {
        _path = path;
        _length = FileLength.Of(path);
        _file = MemoryMappedFile.CreateFromFile(UserFiles.OpenRead(path), null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <returns>True where the file begins as such a file does.</returns>
    public static bool Recognises(string path)
    {
        using var file = UserFiles.OpenRead(path);
        Span<byte> start = stackalloc byte[15];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return start[..read].StartsWith(ZipStart) || start[..read].StartsWith(OldStart);
    }

    /// <exception cref="TensorFormatException">The file is damaged, or holds an object that is neither a tensor nor a container.</exception>
    public static TorchFile Open(string path)
    {
        var opened = new TorchFile(path);
        try
        {
            var content = *opened._start == (byte)'P' ? opened.ReadArchive() : opened.ReadOld();
            opened.Collect(content, "", 0);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private object? ReadArchive()
    {
        var places = new ZipDirectory(_path, _start, _length).Read();
        var pickle = places.Values.FirstOrDefault(p => p.Name.EndsWith("/data.pkl", StringComparison.Ordinal)) ?? throw Damaged("it is a ZIP archive without PyTorch's data.pkl");
        var root = pickle.Name[..^"data.pkl".Length];
        if (places.TryGetValue($"{root}byteorder", out var order) && Encoding.ASCII.GetString(_start + order.Offset, (int)Math.Min(order.ByteCount, 10)) != "little")
            throw new TensorFormatException($"{_path}: was written by a big-endian machine, want little-endian");
        foreach (var place in places.Values.Where(p => p.Name.StartsWith($"{root}data/", StringComparison.Ordinal)))
            _storages.Add(place.Name[$"{root}data/".Length..], place);
        if (pickle.ByteCount > MaxPickleBytes)
            throw Damaged($"its pickle has {pickle.ByteCount} bytes, want at most {MaxPickleBytes}");
        return new Unpickler(_path, _start + pickle.Offset, pickle.ByteCount).Read();
    }

    /// <summary>Reads the format before PyTorch 1.6: magic number, version, properties of the machine, the object, the storages' keys; then each storage's count and values.</summary>
    private object? ReadOld()
    {
        long at = OldStart.Length;
        Next();
        Next();
        var content = Next();
        var types = new Dictionary<string, TorchStorage>();
        foreach (var tensor in TensorsOf(content, 0))
            types[tensor.Storage.Key] = tensor.Storage;
        foreach (var key in Next() as List<object?> ?? throw Damaged("the list of its storages is missing"))
        {
            if (key is not string name || !types.TryGetValue(name, out var storage))
                throw Damaged("its list of storages names one that no tensor uses");
            if (at > _length - 8)
                throw Damaged($"it ends before storage '{name}'");
            var count = *(long*)(_start + at);
            at += 8;
            var bytes = (Int128)count * storage.Type.SizeInBytes();
            if (bytes < 0 || bytes > _length - at)
                throw Damaged($"storage '{name}' claims {count} values at byte {at}, the file has {_length}");
            if (!_storages.TryAdd(name, new ZipEntryPlace(name, at, (long)bytes)))
                throw Damaged($"storage '{name}' is there twice");
            at += (long)bytes;
        }

        return at == _length ? content : throw Damaged($"want {at} bytes, got {_length}");

        object? Next()
        {
            var unpickler = new Unpickler(_path, _start + at, Math.Min(_length - at, MaxPickleBytes));
            var value = unpickler.Read();
            at += unpickler.Position;
            return value;
        }
    }

    private IEnumerable<TorchTensor> TensorsOf(object? value, int depth)
    {
        CountVisit(depth);
        return value switch
        {
            TorchTensor tensor => [tensor],
            Dictionary<object, object?> dictionary => dictionary.Values.SelectMany(v => TensorsOf(v, depth + 1)),
            IEnumerable<object?> list => list.SelectMany(v => TensorsOf(v, depth + 1)),
            _ => [],
        };
    }

    private void Collect(object? value, string name, int depth)
    {
        CountVisit(depth);
        if (name.Length > MaxNameLength)
            throw Damaged($"a name of {name.Length} letters, want at most {MaxNameLength}");
        switch (value)
        {
            case TorchTensor tensor:
                if (!_tensors.TryAdd(name, Checked(name, tensor)))
                    throw Damaged($"tensor '{name}' is named twice");
                break;
            case Dictionary<object, object?> dictionary:
                foreach (var (key, member) in dictionary)
                    Collect(member, Join(name, $"{key}"), depth + 1);
                break;
            case IEnumerable<object?> list:
                foreach (var (member, i) in list.Select((member, i) => (member, i)))
                    Collect(member, Join(name, $"{i}"), depth + 1);
                break;
        }

        static string Join(string above, string own) => above.Length > 0 ? $"{above}.{own}" : own;
    }

    /// <summary>Limits depth and number of visited objects: a pickle can contain itself, or one object a million times.</summary>
    private void CountVisit(int depth)
    {
        if (depth > DeepestNesting)
            throw Damaged($"its containers are nested deeper than {DeepestNesting}");
        if (++_visited > MaxObjects)
            throw Damaged($"it holds more than {MaxObjects} objects");
    }

    private StoredTensor Checked(string name, TorchTensor tensor)
    {
        var (storage, shape, strides) = (tensor.Storage, tensor.Shape, tensor.Strides);
        if (!_storages.TryGetValue(storage.Key, out var place))
            throw Damaged($"tensor '{name}' lies in storage '{storage.Key}', which is missing");
        if ((Int128)storage.Count * storage.Type.SizeInBytes() != place.ByteCount)
            throw Damaged($"storage '{storage.Key}' has {place.ByteCount} bytes, want {storage.Count} values of {storage.Type}");
        var (count, last) = (shape.Contains(0) ? 0 : (Int128)1, (Int128)tensor.Offset);
        var fits = tensor.Offset >= 0 && shape.Count == strides.Count && shape.All(s => s is >= 0 and <= int.MaxValue) && strides.All(s => s >= 0);
        for (var axis = 0; fits && axis < shape.Count; axis++)
        {
            count *= shape[axis];
            last += (Int128)(shape[axis] - 1) * strides[axis];
            fits = count <= storage.Count; // also for a view that repeats its values, so that it never needs more memory than its storage
        }

        if (!fits || (count > 0 && last >= storage.Count))
        {
            throw Damaged($"tensor '{name}' of shape [{string.Join(", ", shape.Take(8))}], strides [{string.Join(", ", strides.Take(8))}] and offset {tensor.Offset} "
                + $"does not fit its storage of {storage.Count} values");
        }

        return new StoredTensor(storage.Type, shape, strides, (nint)(_start + place.Offset + (count > 0 ? tensor.Offset * storage.Type.SizeInBytes() : 0)));
    }

    private TensorFormatException Damaged(string what) => new($"{_path}: damaged checkpoint: {what}");
}
