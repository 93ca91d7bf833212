using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Onnx.Tensors;

/// <summary>Writes a safetensors file atomically: under a temporary name in the same folder, synced, then renamed. Its metadata get a checksum of the whole file.</summary>
public static class TensorFileWriter
{
    private const int LengthBytes = 8;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="tensors">The tensors, in the order in which they are written.</param>
    /// <exception cref="IOException">The folder cannot be written or the disk is full; nothing is left behind and a previous file is untouched.</exception>
    public static void Write(string path, IReadOnlyList<TensorSource> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        AtomicFile.Write(path, file =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using var target = new HashingStream(file, hash);
            var header = Header(tensors, metadata);
            Span<byte> length = stackalloc byte[LengthBytes];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            target.Write(length);
            target.Write(header);
            foreach (var tensor in tensors)
            {
                var begin = target.Position;
                tensor.Write(target);
                if (target.Position - begin != tensor.ByteCount)
                    throw new InvalidOperationException($"tensor '{tensor.Name}' wrote {target.Position - begin} bytes, want {tensor.ByteCount}");
            }

            file.Position = LengthBytes + TensorChecksum.Find(header)!.Value;
            file.Write(TensorChecksum.DigitsOf(hash.GetHashAndReset()));
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
            json.WriteString(TensorChecksum.Key, TensorChecksum.Unknown);
            json.WriteString(TensorChecksum.Presence, TensorChecksum.Present);
            foreach (var (key, text) in metadata.Where(m => m.Key is not (TensorChecksum.Key or TensorChecksum.Presence)))
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
