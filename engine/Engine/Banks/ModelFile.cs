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

    /// <summary>Reads the whole file, and compares its content with the checksum that it carries, where it carries one.</summary>
    /// <returns>The SHA-256 of the whole file, lower-case hex.</returns>
    /// <exception cref="BankFormatException">The content is another one than was written.</exception>
    public string Verify()
    {
        try
        {
            return _file.Verify();
        }
        catch (TensorFormatException e)
        {
            throw new BankFormatException(e.Message, e);
        }
    }

    /// <summary>Checks that every value of every floating-point tensor is finite.</summary>
    /// <exception cref="BankFormatException">A value is infinite or NaN; the message names the tensor and the place.</exception>
    public void CheckFinite(CancellationToken cancellation)
    {
        foreach (var tensor in _file.Tensors.Values.Where(t => t.Type is TensorType.F32 or TensorType.F16))
            FiniteValues.Check(_file, tensor.Name, cancellation);
    }

    /// <summary>Returns the SHA-256 of the calibration's JSON text, for a manifest.</summary>
    public static string DigestOf(JsonElement calibration) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(calibration.GetRawText())));

    public void Dispose() => _file.Dispose();
}
