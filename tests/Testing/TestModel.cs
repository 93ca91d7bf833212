using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Testing;

/// <summary>Writes model files of any size and version, for tests of their transport.</summary>
public static class TestModel
{
    /// <summary>The hash of the encoder that <see cref="Write"/> names.</summary>
    public static readonly string EncoderSha256 = new('b', 64);

    /// <summary>Writes a model whose description suffices to be signed and accepted; its tensor is noise.</summary>
    /// <param name="values">The number of fp32 values; the file is a little larger than four times that in bytes.</param>
    /// <param name="change">Changes the description or the values, to make them faulty.</param>
    public static string Write(string path, int version, string id = "fake", int values = 75_000, Action<JsonObject, float[]>? change = null)
    {
        var description = new JsonObject
        {
            ["id"] = id,
            ["version"] = version,
            ["created"] = "2026-01-01T00:00:00+00:00",
            ["encoder_id"] = "first-pixel",
            ["encoder_sha256"] = EncoderSha256,
            ["calibration"] = new JsonObject { ["threshold"] = 100 },
        };
        var noise = new float[values];
        new Random(version).NextBytes(MemoryMarshal.AsBytes(noise.AsSpan()));
        for (var i = 0; i < noise.Length; i++)
            noise[i] = float.IsFinite(noise[i]) ? noise[i] : i;
        change?.Invoke(description, noise);
        TensorFileWriter.Write(path, [TensorSource.Of("bank.noise", TensorType.F32, noise)], new Dictionary<string, string> { ["format"] = "mrfad-bank/2", ["description"] = description.ToJsonString() });
        return path;
    }

    /// <summary>Copies a real bank with another description and an additional amount of noise.</summary>
    public static string Vary(string bank, string path, int version, long moreBytes = 0, Action<JsonObject>? change = null)
    {
        var bytes = File.ReadAllBytes(bank);
        var length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var header = JsonNode.Parse(bytes.AsSpan(8, (int)length))!.AsObject();
        var description = JsonNode.Parse((string)header["__metadata__"]!["description"]!)!.AsObject();
        description["version"] = version;
        change?.Invoke(description);
        header["__metadata__"]!["description"] = description.ToJsonString();
        TestChecksum.Remove(header);
        var data = bytes.Length - 8 - length;
        moreBytes -= moreBytes % 4;
        if (moreBytes > 0)
            header["more"] = new JsonObject { ["dtype"] = "F32", ["shape"] = new JsonArray(moreBytes / 4), ["data_offsets"] = new JsonArray(data, data + moreBytes) };
        var text = System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());
        var padded = text.Concat(Enumerable.Repeat((byte)' ', (64 - ((8 + text.Length) % 64)) % 64)).ToArray();

        using var file = File.Create(path);
        Span<byte> size = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, padded.Length);
        file.Write(size);
        file.Write(padded);
        file.Write(bytes, 8 + (int)length, (int)data);
        var (noise, random) = (new byte[1 << 20], new Random(version));
        for (var left = moreBytes; left > 0; left -= noise.Length)
        {
            random.NextBytes(noise);
            // Without the highest bit of the exponent the value is finite.
            for (var i = 3; i < noise.Length; i += 4)
                noise[i] &= 0xBF;
            file.Write(noise, 0, (int)Math.Min(left, noise.Length));
        }

        return path;
    }
}
