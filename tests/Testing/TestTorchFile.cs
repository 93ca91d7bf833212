using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace MrfAd.Testing;

/// <summary>Writes files like those of <c>torch.save</c> for a dictionary of fp32 tensors, so that tests need no PyTorch, and pickles built by hand.</summary>
public static class TestTorchFile
{
    public static void Write(string path, params IReadOnlyList<(string Name, float[] Values, long[] Shape)> tensors)
    {
        using var pickle = new MemoryStream();
        pickle.Write([0x80, 2, (byte)'}']);
        for (var i = 0; i < tensors.Count; i++)
            pickle.Write([.. Text(tensors[i].Name), .. Tensor($"{i}", tensors[i].Values.Length, 0, tensors[i].Shape, Dense(tensors[i].Shape)), (byte)'s']);
        pickle.WriteByte((byte)'.');
        Write(path, pickle.ToArray(), [.. tensors.Select((t, i) => ($"{i}", MemoryMarshal.AsBytes(t.Values.AsSpan()).ToArray()))]);
    }

    /// <summary>Writes a tensor in the format before PyTorch 1.6.</summary>
    public static void WriteOld(string path, string name, float[] values)
    {
        using var file = File.Create(path);
        file.Write([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.']);
        file.Write([0x80, 2, (byte)'M', 0xe9, 3, (byte)'.', 0x80, 2, (byte)'}', (byte)'.']); // version 1001; description of the machine
        file.Write([0x80, 2, (byte)'}', .. Text(name), .. Tensor("0", values.Length, 0, [values.Length], [1]), (byte)'s', (byte)'.']);
        file.Write([0x80, 2, (byte)']', .. Text("0"), (byte)'a', (byte)'.']);
        file.Write(BitConverter.GetBytes((long)values.Length));
        file.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    /// <param name="storages">The files below <c>data/</c>.</param>
    public static void Write(string path, byte[] pickle, IReadOnlyList<(string Key, byte[] Bytes)> storages, CompressionLevel compression = CompressionLevel.NoCompression)
    {
        using var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        Add("test/data.pkl", pickle);
        foreach (var (key, bytes) in storages)
            Add($"test/data/{key}", bytes);

        void Add(string name, byte[] bytes)
        {
            using var entry = archive.CreateEntry(name, compression).Open();
            entry.Write(bytes);
        }
    }

    /// <returns>The pickle operations that rebuild an fp32 tensor.</returns>
    public static byte[] Tensor(string storage, long count, long offset, long[] shape, long[] strides) =>
    [
        .. Global("torch._utils", "_rebuild_tensor_v2"), (byte)'(',
        (byte)'(', .. Text("storage"), .. Global("torch", "FloatStorage"), .. Text(storage), .. Text("cpu"), .. Number(count), (byte)'t', (byte)'Q',
        .. Number(offset), .. Tuple(shape), .. Tuple(strides), 0x89, (byte)'}', (byte)'t', (byte)'R',
    ];

    public static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        return [(byte)'X', .. length, .. bytes];
    }

    public static byte[] Global(string module, string name) => Encoding.ASCII.GetBytes($"c{module}\n{name}\n");

    private static byte[] Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return [0x8a, 8, .. bytes];
    }

    private static byte[] Tuple(long[] values) => [(byte)'(', .. values.SelectMany(Number), (byte)'t'];

    private static long[] Dense(long[] shape) => [.. shape.Select((_, axis) => shape.Skip(axis + 1).Aggregate(1L, (a, b) => a * b))];
}
