using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Onnx.Tensors;

/// <summary>Writes a safetensors file atomically: under a temporary name in the same folder, synced, then renamed.</summary>
public static class TensorFileWriter
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="tensors">The tensors, in the order in which they are written.</param>
    /// <exception cref="IOException">The folder cannot be written or the disk is full; nothing is left behind and a previous file is untouched.</exception>
    public static void Write(string path, IReadOnlyList<TensorSource> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        AtomicFile.Write(path, file =>
        {
            var header = Header(tensors, metadata);
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            file.Write(length);
            file.Write(header);
            foreach (var tensor in tensors)
            {
                var begin = file.Position;
                tensor.Write(file);
                if (file.Position - begin != tensor.ByteCount)
                    throw new InvalidOperationException($"tensor '{tensor.Name}' wrote {file.Position - begin} bytes, want {tensor.ByteCount}");
            }
        });
    }

    /// <summary>Builds the header, padded with spaces so that the first tensor begins at a multiple of 64 bytes, a cache line.</summary>
    private static byte[] Header(IReadOnlyList<TensorSource> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach (var (key, text) in metadata)
                json.WriteString(key, text);
            json.WriteEndObject();
            long offset = 0;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type.ToString());
                json.WriteStartArray("shape");
                foreach (var side in tensor.Shape)
                    json.WriteNumberValue(side);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.ByteCount);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while ((8 + buffer.Length) % 64 != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }
}
