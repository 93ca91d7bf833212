using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using MrfAd.Platform;

namespace MrfAd.Onnx.Tensors;

/// <summary>A safetensors file, memory-mapped: named tensors and text. Nothing in its header is used before it was checked.</summary>
public sealed unsafe class TensorFile : IDisposable
{
    // The format's own limit; a header that claims more is damaged.
    private const long MaxHeaderBytes = 100_000_000;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly Dictionary<string, TensorEntry> _tensors = [];
    private readonly Dictionary<string, string> _metadata = [];

    private readonly SafeFileHandle _handle;
    private long? _checksum;

    private TensorFile(string path, SafeFileHandle handle, MemoryMappedFile file, MemoryMappedViewAccessor view)
    {
        Path = path;
        _handle = handle;
        _file = file;
        _view = view;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public string Path { get; }

    public IReadOnlyDictionary<string, TensorEntry> Tensors => _tensors;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>True where the file carries a checksum of its content; files of other programs, and of this one up to version 0.1, carry none.</summary>
    public bool HasChecksum => _checksum is not null;

    /// <exception cref="TensorFormatException">The file is not a safetensors file, or is damaged; the message names the section.</exception>
    public static TensorFile Open(string path)
    {
        var length = FileLength.Of(path);
        if (length < 8)
            throw new TensorFormatException($"{path}: want at least 8 bytes of safetensors header length, got {length}{FileKind.Clause(path)}");
        var handle = UserFiles.OpenHandle(path);
        var file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        var opened = new TensorFile(path, handle, file, file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read));
        try
        {
            opened.ReadHeader(length);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Reads the whole file, and compares its content with the checksum that it carries.</summary>
    /// <returns>The SHA-256 of the whole file, lower-case hex.</returns>
    /// <exception cref="TensorFormatException">The content is another one than was written.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public string Verify()
    {
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Math.Min(1 << 20, RandomAccess.GetLength(_handle))];
        long offset = 0;
        for (int read; (read = RandomAccess.Read(_handle, buffer, offset)) > 0; offset += read)
        {
            whole.AppendData(buffer, 0, read);
            if (_checksum is { } digits)
                TensorChecksum.Append(content, buffer.AsSpan(0, read), offset, digits);
        }

        if (_checksum is not null && TensorChecksum.Text(content.GetHashAndReset()) is var got && got != _metadata[TensorChecksum.Key])
            throw new TensorFormatException($"{Path} is damaged: want the content with the checksum {_metadata[TensorChecksum.Key]}, got {got}");
        return Convert.ToHexStringLower(whole.GetHashAndReset());
    }

    /// <summary>Reads bytes of a tensor from the file, for one who looks at all of them once: unlike the mapped ones they do not count as memory of this process.</summary>
    /// <param name="at">The offset within the tensor, bytes.</param>
    /// <returns>The number of bytes, less than asked for at the tensor's end.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public int Read(TensorEntry tensor, long at, Span<byte> bytes)
    {
        var want = bytes[..(int)Math.Min(bytes.Length, tensor.ByteCount - at)];
        for (var filled = 0; filled < want.Length;)
        {
            var read = RandomAccess.Read(_handle, want[filled..], tensor.Offset + at + filled);
            filled += read > 0 ? read : throw new EndOfStreamException($"{Path} has become shorter");
        }

        return want.Length;
    }

    /// <summary>Returns the address of a tensor's bytes in the mapped file; valid until this file is disposed.</summary>
    public byte* Address(TensorEntry tensor) => _start + tensor.Offset;

    /// <summary>Returns the values of a tensor in the mapped file.</summary>
    /// <exception cref="TensorFormatException">There is no such tensor, it has another type, or more than 2³¹ values.</exception>
    public ReadOnlySpan<T> Values<T>(string name, TensorType type)
        where T : unmanaged
    {
        var tensor = Find(name, type);
        return tensor.ByteCount / sizeof(T) <= int.MaxValue
            ? new ReadOnlySpan<T>(Address(tensor), (int)(tensor.ByteCount / sizeof(T)))
            : throw new TensorFormatException($"{Path}: tensor '{name}' has {tensor.ByteCount} bytes, too many to be read at once");
    }

    /// <exception cref="TensorFormatException">There is no such tensor, or it has another type.</exception>
    public TensorEntry Find(string name, TensorType type)
    {
        if (!_tensors.TryGetValue(name, out var tensor))
            throw new TensorFormatException($"{Path}: tensor '{name}' is missing");
        return tensor.Type == type ? tensor : throw new TensorFormatException($"{Path}: tensor '{name}' is {tensor.Type}, want {type}");
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private void ReadHeader(long length)
    {
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(_start, 8));
        if (headerLength is 0 or > MaxHeaderBytes || (long)headerLength > length - 8)
            throw new TensorFormatException($"{Path}: not a safetensors file, or a damaged one: header length is {headerLength}, want 1 to {Math.Min(MaxHeaderBytes, length - 8)}{FileKind.Clause(Path)}");
        var data = 8 + (long)headerLength;
        try
        {
            using var header = JsonDocument.Parse(new ReadOnlyMemory<byte>(new ReadOnlySpan<byte>(_start + 8, (int)headerLength).ToArray()));
            foreach (var entry in header.RootElement.EnumerateObject())
            {
                if (entry.Name == "__metadata__")
                    ReadMetadata(entry.Value);
                else if (!_tensors.TryAdd(entry.Name, ReadTensor(entry, data, length)))
                    throw new TensorFormatException($"{Path}: tensor '{entry.Name}' is named twice");
            }

            _checksum = 8 + TensorChecksum.Find(new ReadOnlySpan<byte>(_start + 8, (int)headerLength));
            if (_checksum is null && _metadata.ContainsKey(TensorChecksum.Presence))
                throw new TensorFormatException($"{Path} is damaged: its metadata say that there is a checksum, and there is none");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new TensorFormatException($"{Path}: header is not safetensors JSON: {e.Message}");
        }

        var end = data;
        foreach (var tensor in _tensors.Values.OrderBy(t => t.Offset).ThenBy(t => t.ByteCount))
        {
            if (tensor.Offset != end)
                throw new TensorFormatException($"{Path}: tensor '{tensor.Name}' begins at byte {tensor.Offset}, want {end} (no gaps, no overlaps)");
            end += tensor.ByteCount;
        }

        if (end != length)
            throw new TensorFormatException($"{Path}: want {end} bytes, got {length}");
    }

    private void ReadMetadata(JsonElement texts)
    {
        foreach (var text in texts.EnumerateObject())
            _metadata[text.Name] = text.Value.GetString() ?? "";
    }

    private TensorEntry ReadTensor(JsonProperty entry, long data, long length)
    {
        var typeName = Member(entry, "dtype").GetString();
        if (!Enum.TryParse<TensorType>(typeName, out var type) || !Enum.IsDefined(type) || type.ToString() != typeName)
            throw new TensorFormatException($"{Path}: tensor '{entry.Name}' has the unknown type '{typeName}'");
        var shape = Member(entry, "shape").EnumerateArray().Select(d => d.GetInt64()).ToArray();
        var offsets = Member(entry, "data_offsets").EnumerateArray().Select(o => o.GetInt64()).ToArray();
        if (offsets is not [var begin, var end] || begin < 0 || end < begin)
            throw new TensorFormatException($"{Path}: tensor '{entry.Name}' has data_offsets [{string.Join(", ", offsets)}], want [begin, end]");
        if (end > length - data)
            throw new TensorFormatException($"{Path}: tensor '{entry.Name}' is truncated: want bytes up to {data + end}, the file has {length}");
        var bytes = (Int128)type.SizeInBytes();
        foreach (var side in shape)
        {
            if (side < 0 || (bytes *= side) > length)
                throw new TensorFormatException($"{Path}: tensor '{entry.Name}' has shape [{string.Join(", ", shape)}], which does not fit its {end - begin} bytes");
        }

        if (bytes != end - begin)
            throw new TensorFormatException($"{Path}: tensor '{entry.Name}' of shape [{string.Join(", ", shape)}] has {end - begin} bytes, want {bytes}");
        return new TensorEntry(entry.Name, type, shape, data + begin, end - begin);
    }

    private JsonElement Member(JsonProperty entry, string name) => entry.Value.TryGetProperty(name, out var member)
        ? member
        : throw new TensorFormatException($"{Path}: tensor '{entry.Name}' has no '{name}'");
}
