using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Engine.Banks;

/// <summary>Any file that a detector is made of, a bank or another kind: one safetensors file, known by its metadata alone.</summary>
public sealed class ModelFile : IDisposable
{
    private readonly TensorFile _file;

    private ModelFile(TensorFile file, string format, ModelDescription description) => (_file, Format, Description) = (file, format, description);

    /// <summary>The format and its version, such as "mrfad-bank/2".</summary>
    public string Format { get; }

    public ModelDescription Description { get; }

    /// <exception cref="BankFormatException">The file is damaged, or has no description; the message names the section.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ModelFile Open(string path)
    {
        TensorFile? file = null;
        try
        {
            file = TensorFile.Open(path);
            if (!file.Metadata.TryGetValue("format", out var format) || !file.Metadata.TryGetValue("description", out var json))
                throw new BankFormatException($"{path}: not a model: want the metadata 'format' and 'description'");
            return new ModelFile(file, format, ModelDescription.FromJson(json));
        }
        catch (Exception e)
        {
            file?.Dispose();
            throw e switch
            {
                JsonException => new BankFormatException($"{path}: metadata 'description' cannot be read: {e.Message}", e),
                TensorFormatException => new BankFormatException(e.Message, e),
                _ => e,
            };
        }
    }

    /// <summary>Checks that every value of every floating-point tensor is finite.</summary>
    /// <exception cref="BankFormatException">A value is infinite or NaN; the message names the tensor and the place.</exception>
    public unsafe void CheckFinite(CancellationToken cancellation)
    {
        // About a megabyte at a time, so that the system can drop the mapped pages that have been checked.
        const int BlockValues = 1 << 18;
        foreach (var tensor in _file.Tensors.Values.Where(t => t.Type is TensorType.F32 or TensorType.F16))
        {
            var (size, count) = (tensor.Type == TensorType.F32 ? sizeof(float) : sizeof(ushort), tensor.ByteCount / (tensor.Type == TensorType.F32 ? sizeof(float) : sizeof(ushort)));
            for (long at = 0; at < count; at += BlockValues)
            {
                cancellation.ThrowIfCancellationRequested();
                var start = _file.Address(tensor) + (at * size);
                var length = (int)Math.Min(BlockValues, count - at);
                var place = tensor.Type == TensorType.F32
                    ? FindNonFinite(MemoryMarshal.Cast<byte, uint>(new ReadOnlySpan<byte>(start, length * size)), 0x7F80_0000u)
                    : FindNonFinite(MemoryMarshal.Cast<byte, ushort>(new ReadOnlySpan<byte>(start, length * size)), (ushort)0x7C00);
                if (place >= 0)
                    throw new BankFormatException($"{_file.Path}: tensor '{tensor.Name}' has a value that is not finite at {at + place}");
            }
        }
    }

    /// <summary>Returns the SHA-256 of the calibration's JSON text, for a manifest.</summary>
    public static string DigestOf(JsonElement calibration) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(calibration.GetRawText())));

    public void Dispose() => _file.Dispose();

    /// <param name="exponent">The mask of the exponent's bits; a value with all of them set is infinite or NaN.</param>
    private static int FindNonFinite<T>(ReadOnlySpan<T> bits, T exponent)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        for (var i = 0; i < bits.Length; i++)
        {
            if ((bits[i] & exponent) == exponent)
                return i;
        }

        return -1;
    }
}
