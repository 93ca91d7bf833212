using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Platform;
using MrfAd.Station.Keys;

namespace MrfAd.Station.Updates;

/// <summary>Makes, signs and verifies the manifests of model files. See UPDATE-PROTOCOL.md.</summary>
public static partial class Manifests
{
    /// <summary>The extension that is added to the name of a model file for its signed manifest, in the same folder.</summary>
    public const string Extension = ".sig";

    public const int MinChunkBytes = 64 * 1024, DefaultChunkBytes = 256 * 1024, MaxChunkBytes = 16 * 1024 * 1024;

    // Chunks grow with the file, so that a manifest stays below 256 KB up to 64 GB.
    private const int DefaultMaxChunks = 4096;

    /// <summary>Maximum number of chunks; a manifest with so many has 2.9 MB.</summary>
    public const int MaxChunks = 65_536;

    /// <summary>Maximum size of a signed manifest in bytes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private static readonly string[] Formats = [BankFile.Format, BankFile.AlignedFormat, "mrfad-hlgfa/1"];

    /// <summary>Makes the manifest of a model file, which is read once.</summary>
    /// <param name="chunkBytes">Size of a chunk in bytes; 0 chooses one by the size of the file.</param>
    /// <exception cref="BankFormatException">The file is damaged, or has values that are not finite.</exception>
    public static ModelManifest Make(string path, string minimumAgentVersion, int chunkBytes, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        using var model = ModelFile.Open(path);
        model.Verify();
        model.CheckFinite(cancellation);
        using var file = UserFiles.OpenRead(path);
        for (var size = DefaultChunkBytes; chunkBytes == 0; size *= 2)
            chunkBytes = file.Length / size < DefaultMaxChunks || size == MaxChunkBytes ? size : 0;
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var count = CountOf(file.Length, chunkBytes);
        if (count > MaxChunks)
            throw new BankFormatException($"{path}: {file.Length} bytes are {count} chunks of {chunkBytes}, want at most {MaxChunks}: larger chunks");
        var (buffer, chunks) = (new byte[chunkBytes], new byte[count * SHA256.HashSizeInBytes]);
        for (var i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var chunk = buffer.AsSpan(0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
            whole.AppendData(chunk);
            SHA256.HashData(chunk, chunks.AsSpan(i * SHA256.HashSizeInBytes));
            progress?.Report(new LearnProgress("hashing", i + 1, (int)count));
        }

        var description = model.Description;
        return Checked(new ModelManifest
        {
            Id = description.Id,
            Version = description.Version,
            Format = model.Format,
            EncoderId = description.EncoderId,
            EncoderSha256 = description.EncoderSha256,
            Threshold = description.Threshold,
            CalibrationSha256 = ModelFile.DigestOf(description.Calibration),
            TrainingSha256 = description.TrainingSha256,
            Created = description.Created,
            MinimumAgentVersion = minimumAgentVersion,
            Size = file.Length,
            Sha256 = Convert.ToHexStringLower(whole.GetHashAndReset()),
            ChunkBytes = chunkBytes,
            Chunks = chunks,
        });
    }

    public static SignedManifest Sign(ModelManifest manifest, SigningKey key)
    {
        var text = JsonSerializer.Serialize(manifest, MessageJson.Default.ModelManifest);
        return new SignedManifest { Key = key.Id, Manifest = text, Signature = key.Sign(SignedText(key.Id, text)) };
    }

    /// <summary>Verifies a signed manifest and reads it. It is parsed only after its signature is verified, and none of its values sizes an allocation.</summary>
    /// <exception cref="UpdateRefusedException">It is not signed by a trusted key, or is not valid; the text says what is wrong.</exception>
    public static ModelManifest Open(SignedManifest offer, TrustedKeys keys)
    {
        if (keys.Refuse(offer.Key, SignedText(offer.Key, offer.Manifest), offer.Signature) is { } refusal)
            throw new UpdateRefusedException(refusal);
        return ReadUnverified(offer);
    }

    /// <summary>Reads a manifest without verifying its signature, for its sender.</summary>
    /// <exception cref="UpdateRefusedException">It is not valid; the text says what is wrong.</exception>
    public static ModelManifest ReadUnverified(SignedManifest offer)
    {
        try
        {
            return Checked(JsonSerializer.Deserialize(offer.Manifest, MessageJson.Default.ModelManifest) ?? throw new JsonException("it is null"));
        }
        catch (JsonException e)
        {
            throw new UpdateRefusedException($"the manifest cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a signed manifest; its signature is not verified yet.</summary>
    /// <exception cref="UpdateRefusedException">It is too large, or no signed manifest.</exception>
    public static SignedManifest Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
            throw new UpdateRefusedException($"the signed manifest has {bytes.Length} bytes, want at most {MaxBytes}");
        try
        {
            return JsonSerializer.Deserialize(bytes, MessageJson.Default.SignedManifest) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new UpdateRefusedException($"this is no signed manifest: {e.Message}", e);
        }
    }

    /// <summary>Reads the signed manifest beside a model file.</summary>
    /// <exception cref="UpdateRefusedException">There is none, it is too large, or it is no signed manifest.</exception>
    public static SignedManifest ReadBeside(string path)
    {
        var file = new FileInfo(path + Extension);
        if (!file.Exists)
            throw new UpdateRefusedException($"there is no {file.FullName}: the file is not signed ('mrfad bank sign')");
        return file.Length <= MaxBytes ? Read(UserFiles.ReadBytes(file.FullName)) : throw new UpdateRefusedException($"{file.FullName} has {file.Length} bytes, want at most {MaxBytes}");
    }

    public static byte[] Bytes(SignedManifest offer) => JsonSerializer.SerializeToUtf8Bytes(offer, MessageJson.Default.SignedManifest);

    /// <summary>Returns the size of a chunk in bytes.</summary>
    public static int LengthOf(ModelManifest manifest, int chunk) => (int)Math.Min(manifest.ChunkBytes, manifest.Size - ((long)chunk * manifest.ChunkBytes));

    public static int ChunksOf(ModelManifest manifest) => manifest.Chunks.Length / SHA256.HashSizeInBytes;

    public static ReadOnlySpan<byte> HashOf(ModelManifest manifest, int chunk) => manifest.Chunks.AsSpan(chunk * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes);

    private static long CountOf(long size, int chunkBytes) => (size + chunkBytes - 1) / chunkBytes;

    private static byte[] SignedText(string key, string manifest) => Encoding.UTF8.GetBytes(string.Join('\n', "mrfad-manifest/1", key, manifest));

    /// <summary>Checks all fields and returns the manifest.</summary>
    /// <exception cref="UpdateRefusedException">A field is not valid.</exception>
    private static ModelManifest Checked(ModelManifest m)
    {
        var fault =
            m.Schema != ModelManifest.SchemaName ? $"its schema is '{m.Schema}', want '{ModelManifest.SchemaName}'"
            : !Name().IsMatch(m.Id) ? $"the id '{m.Id}' cannot be used: want 1 to 100 letters, digits, '.', '_' or '-', the first no '.' or '-'"
            : m.Version < 1 ? $"the version is {m.Version}, want at least 1"
            : !Formats.Contains(m.Format) ? $"the format is '{m.Format}', want one of {string.Join(", ", Formats)}"
            : !(Hash().IsMatch(m.Sha256) && Hash().IsMatch(m.EncoderSha256) && Hash().IsMatch(m.CalibrationSha256)) ? "a SHA-256 in it is none"
            : !float.IsFinite(m.Threshold) ? "it has no calibrated threshold"
            : m.Size < 1 ? $"the size is {m.Size}"
            : m.ChunkBytes is < MinChunkBytes or > MaxChunkBytes ? $"chunks have {m.ChunkBytes} bytes, want {MinChunkBytes} to {MaxChunkBytes}"
            : m.Chunks.Length % SHA256.HashSizeInBytes != 0 || CountOf(m.Size, m.ChunkBytes) is > MaxChunks or < 1 || CountOf(m.Size, m.ChunkBytes) != ChunksOf(m)
                ? $"{m.Size} bytes in chunks of {m.ChunkBytes} do not fit {m.Chunks.Length} bytes of hashes"
            : !System.Version.TryParse(m.MinimumAgentVersion, out _) ? $"the minimum agent version is '{m.MinimumAgentVersion}'"
            : null;
        return fault is null ? m : throw new UpdateRefusedException($"the manifest makes no sense: {fault}");
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    private static partial Regex Hash();
}
