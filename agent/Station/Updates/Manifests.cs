using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Platform;
using MrfAd.Station.Keys;

namespace MrfAd.Station.Updates;

/// <summary>Manifests: made from a model file, signed, and opened again. See UPDATE-PROTOCOL.md.</summary>
public static partial class Manifests
{
    /// <summary>The signed manifest of a file stands beside it.</summary>
    public const string Extension = ".sig";

    public const int LeastChunk = 64 * 1024, UsualChunk = 256 * 1024, LargestChunk = 16 * 1024 * 1024;

    // Chunks grow with the file, so that a manifest stays below 256 KB up to 64 GB.
    private const int UsualChunks = 4096;

    /// <summary>Of chunks; the manifest of so many has 2.9 MB.</summary>
    public const int MostChunks = 65_536;

    /// <summary>Bytes of a signed manifest.</summary>
    public const int Largest = 4 * 1024 * 1024;

    private static readonly string[] Formats = [BankFile.Format, "mrfad-hlgfa/1"];

    /// <summary>Reads the file once.</summary>
    /// <param name="chunkBytes">0: as many as suit the size.</param>
    /// <exception cref="BankFormatException">It is damaged, or has values that are not finite.</exception>
    public static ModelManifest Make(string path, string minimumAgentVersion, int chunkBytes, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        using var model = ModelFile.Open(path);
        model.CheckFinite(cancellation);
        using var file = UserFiles.OpenRead(path);
        for (var usual = UsualChunk; chunkBytes == 0; usual *= 2)
            chunkBytes = file.Length / usual < UsualChunks || usual == LargestChunk ? usual : 0;
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var count = CountOf(file.Length, chunkBytes);
        if (count > MostChunks)
            throw new BankFormatException($"{path}: {file.Length} bytes are {count} chunks of {chunkBytes}, want at most {MostChunks}: larger chunks");
        var (buffer, chunks) = (new byte[chunkBytes], new byte[count * SHA256.HashSizeInBytes]);
        for (var i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var chunk = buffer.AsSpan(0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
            whole.AppendData(chunk);
            SHA256.HashData(chunk, chunks.AsSpan(i * SHA256.HashSizeInBytes));
            progress?.Report(new LearnProgress("hashing", i + 1, (int)count));
        }

        var of = model.Description;
        return Checked(new ModelManifest
        {
            Id = of.Id,
            Version = of.Version,
            Format = model.Format,
            EncoderId = of.EncoderId,
            EncoderSha256 = of.EncoderSha256,
            Threshold = of.Threshold,
            CalibrationSha256 = ModelFile.DigestOf(of.Calibration),
            TrainingSha256 = of.TrainingSha256,
            Created = of.Created,
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

    /// <summary>The text is believed only after its signature; nothing is allocated by what it says.</summary>
    /// <exception cref="UpdateRefusedException">It is not signed by a trusted key, or makes no sense; the text says what is wrong.</exception>
    public static ModelManifest Open(SignedManifest offer, TrustedKeys keys)
    {
        if (keys.Refuse(offer.Key, SignedText(offer.Key, offer.Manifest), offer.Signature) is { } refusal)
            throw new UpdateRefusedException(refusal);
        return Unverified(offer);
    }

    /// <summary>The text as it stands, whoever signed it: for who sends it.</summary>
    /// <exception cref="UpdateRefusedException">It makes no sense; the text says what is wrong.</exception>
    public static ModelManifest Unverified(SignedManifest offer)
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

    /// <exception cref="UpdateRefusedException">It is too large, or no signed manifest.</exception>
    public static SignedManifest Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Largest)
            throw new UpdateRefusedException($"the signed manifest has {bytes.Length} bytes, want at most {Largest}");
        try
        {
            return JsonSerializer.Deserialize(bytes, MessageJson.Default.SignedManifest) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new UpdateRefusedException($"this is no signed manifest: {e.Message}", e);
        }
    }

    /// <summary>The signed manifest beside a file.</summary>
    /// <exception cref="UpdateRefusedException">As in <see cref="Read"/>, or there is none.</exception>
    public static SignedManifest ReadBeside(string path)
    {
        var file = new FileInfo(path + Extension);
        if (!file.Exists)
            throw new UpdateRefusedException($"there is no {file.FullName}: the file is not signed ('mrfad bank sign')");
        return file.Length <= Largest ? Read(UserFiles.ReadBytes(file.FullName)) : throw new UpdateRefusedException($"{file.FullName} has {file.Length} bytes, want at most {Largest}");
    }

    public static byte[] Bytes(SignedManifest offer) => JsonSerializer.SerializeToUtf8Bytes(offer, MessageJson.Default.SignedManifest);

    /// <summary>Bytes of one chunk.</summary>
    public static int LengthOf(ModelManifest manifest, int chunk) => (int)Math.Min(manifest.ChunkBytes, manifest.Size - ((long)chunk * manifest.ChunkBytes));

    public static int ChunksOf(ModelManifest manifest) => manifest.Chunks.Length / SHA256.HashSizeInBytes;

    public static ReadOnlySpan<byte> HashOf(ModelManifest manifest, int chunk) => manifest.Chunks.AsSpan(chunk * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes);

    private static long CountOf(long size, int chunkBytes) => (size + chunkBytes - 1) / chunkBytes;

    private static byte[] SignedText(string key, string manifest) => Encoding.UTF8.GetBytes(string.Join('\n', "mrfad-manifest/1", key, manifest));

    /// <exception cref="UpdateRefusedException">A field makes no sense.</exception>
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
            : m.ChunkBytes is < LeastChunk or > LargestChunk ? $"chunks have {m.ChunkBytes} bytes, want {LeastChunk} to {LargestChunk}"
            : m.Chunks.Length % SHA256.HashSizeInBytes != 0 || CountOf(m.Size, m.ChunkBytes) is > MostChunks or < 1 || CountOf(m.Size, m.ChunkBytes) != ChunksOf(m)
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
