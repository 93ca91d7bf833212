using System.Text.Json;
using MrfAd.Engine.Banks;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Engine.Hlgfa;

/// <summary>A trained model: one safetensors file. See HLGFA-FORMAT.md.</summary>
public sealed class HlgfaFile
{
    public const string Format = "mrfad-hlgfa/1";

    private static readonly string[] Parts = ["high", "low", "detail"];

    private HlgfaFile(string path, HlgfaDescription description, string sha256, float[] theta, FeatureNormalisation normalisation)
    {
        (Path, Description, Sha256, Theta, Normalisation) = (path, description, sha256, theta, normalisation);
    }

    public string Path { get; }

    public HlgfaDescription Description { get; }

    /// <summary>SHA-256 of the whole file, lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>True where the file carries a checksum of its content, which was verified when it was opened.</summary>
    public bool HasChecksum { get; private init; }

    internal float[] Theta { get; }

    internal FeatureNormalisation Normalisation { get; }

    /// <returns>True where the file's metadata names the HLGFA format; false also where it cannot be read at all.</returns>
    public static bool Is(string path)
    {
        try
        {
            using var file = TensorFile.Open(path);
            return file.Metadata.GetValueOrDefault("format")?.StartsWith("mrfad-hlgfa/", StringComparison.Ordinal) ?? false;
        }
        catch (Exception e) when (e is TensorFormatException or IOException)
        {
            return false; // opening the file reports what is wrong with it
        }
    }

    /// <exception cref="BankFormatException">The file is damaged or not a model; the message names the section.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static HlgfaFile Open(string path)
    {
        try
        {
            using var file = TensorFile.Open(path);
            var format = file.Metadata.GetValueOrDefault("format");
            if (format != Format)
                throw new BankFormatException($"{path}: not an HLGFA model this agent reads: want format '{Format}', got '{format ?? "none"}'");
            if (!file.Metadata.TryGetValue("description", out var json))
                throw new BankFormatException($"{path}: metadata 'description' is missing");
            var description = HlgfaDescription.FromJson(json);
            if (Fault(description) is { } fault)
                throw new BankFormatException($"{path}: metadata 'description': {fault}");
            var sha256 = file.Verify();
            var parameters = new HlgfaParameters(description.Stages, description.Options);
            foreach (var part in parameters.Parts)
                Values(file, $"module.{part.Name}", part.Shape); // all tensors are checked before memory is allocated
            var theta = new float[parameters.Count];
            foreach (var part in parameters.Parts)
                Values(file, $"module.{part.Name}", part.Shape).CopyTo(theta.AsSpan(part.Offset));
            var normalisation = FeatureNormalisation.None(description.Stages);
            foreach (var (name, values) in Named(description.Stages, normalisation))
                Values(file, name, [values.Length]).CopyTo(values);
            return new HlgfaFile(path, description, sha256, theta, normalisation) { HasChecksum = file.HasChecksum };
        }
        catch (TensorFormatException e)
        {
            throw new BankFormatException(e.Message, e);
        }
        catch (JsonException e)
        {
            throw new BankFormatException($"{path}: metadata 'description' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Writes a model atomically: either the whole file is there, or nothing has changed.</summary>
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    internal static void Write(string path, HlgfaDescription description, float[] theta, FeatureNormalisation normalisation)
    {
        var parameters = new HlgfaParameters(description.Stages, description.Options);
        TensorSource[] tensors =
        [
            .. parameters.Parts.Select(p => TensorSource.Of($"module.{p.Name}", TensorType.F32, theta.AsSpan(p.Offset, p.Count).ToArray()) with { Shape = p.Shape }),
            .. Named(description.Stages, normalisation).Select(n => TensorSource.Of(n.Name, TensorType.F32, n.Values)),
        ];
        TensorFileWriter.Write(path, tensors, new Dictionary<string, string> { ["format"] = Format, ["description"] = description.ToJson() });
    }

    private static ReadOnlySpan<float> Values(TensorFile file, string name, long[] shape)
    {
        var tensor = file.Find(name, TensorType.F32);
        if (!tensor.Shape.SequenceEqual(shape))
            throw new BankFormatException($"{file.Path}: tensor '{name}' has shape [{string.Join(", ", tensor.Shape)}], want [{string.Join(", ", shape)}]");
        FiniteValues.Check(file, name);
        return file.Values<float>(name, TensorType.F32);
    }

    private static IEnumerable<(string Name, float[] Values)> Named(IReadOnlyList<HlgfaStage> stages, FeatureNormalisation n) =>
        from part in Enumerable.Range(0, n.Means.Length)
        from kind in new[] { ("mean", n.Means[part]), ("std", n.Stds[part]) }
        select ($"{kind.Item1}.{stages[part / 3].Layer}.{Parts[part % 3]}", kind.Item2);

    /// <summary>Checks the sizes in a description before memory is allocated for them; returns what is wrong, or null.</summary>
    private static string? Fault(HlgfaDescription d)
    {
        const int MaxSize = 1 << 16;
        var o = d.Options;
        if (d.Stages.Count is 0 or > 16)
            return $"has {d.Stages.Count} stages";
        if (d.Stages.Contains(null!) || d.Stages.DistinctBy(s => s.Layer).Count() < d.Stages.Count)
            return "has a stage that is null, or one twice";
        foreach (var (what, value) in new[] { ("view_width", d.ViewWidth), ("view_height", d.ViewHeight), ("image_width", d.ImageWidth), ("image_height", d.ImageHeight), ("ratio", o.Ratio), ("guidance_channels", o.GuidanceChannels), ("hidden_channels", o.HiddenChannels) })
        {
            if (value is < 1 or > MaxSize)
                return $"'{what}' is {value}, want 1 to {MaxSize}";
        }

        foreach (var s in d.Stages)
        {
            if (new[] { s.Channels, s.Height, s.Width, s.LowHeight, s.LowWidth, s.DetailChannels, s.DetailHeight, s.DetailWidth }.Any(v => v is < 1 or > MaxSize) || s.Deeper < 0 || s.Deeper >= d.Stages.Count)
                return $"stage '{s.Layer}' is impossible: {s}";
        }

        if (d.ReferenceStatistics?.Fault is { } fault)
            return fault;
        return o.StructureKernels.FirstOrDefault(k => k is < 1 or > 31 || k % 2 == 0) is not 0 and var side ? $"a structure kernel has the side {side}, want odd ones from 1 to 31" : null;
    }
}
