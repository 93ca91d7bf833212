using MrfAd.Platform;

namespace MrfAd.Station.Options;

/// <summary>
/// Finds the models that are used where the user names none. The encoder is our own, small and fast, and comes with the agent (encoder/MODEL-CARD.md);
/// <c>--encoder</c> takes a stronger one. The mask model is U²-Net-p, which <c>--background</c> fetches when it is first used.
/// </summary>
public static class DefaultEncoder
{
    /// <summary>The mask model's name in the catalogue of models.</summary>
    public const string MaskModel = "u2netp";

    private const string MaskDescriptor = $"{MaskModel}-mask.json";

    /// <summary>The folder that holds the mask model after its download.</summary>
    public static string MaskFolder { get; } = System.IO.Path.Combine(
        Environment.GetEnvironmentVariable("MRFAD_CACHE") ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "mrfad"),
        "encoders");

    /// <returns>The path of the encoder's descriptor.</returns>
    public static string Path() => System.IO.Path.Combine(AppContext.BaseDirectory, "encoders", "mrfad-encoder.json");

    /// <returns>The path of the mask model's descriptor; null where the model was not fetched, since most banks need none.</returns>
    public static string? Mask()
    {
        if (!File.Exists(System.IO.Path.Combine(MaskFolder, $"{MaskModel}.onnx")))
            return null;
        var path = System.IO.Path.Combine(MaskFolder, MaskDescriptor);
        var descriptor = UserFiles.ReadBytes(System.IO.Path.Combine(AppContext.BaseDirectory, "encoders", MaskDescriptor));
        try
        {
            if (!File.Exists(path) || !UserFiles.ReadBytes(path).AsSpan().SequenceEqual(descriptor))
                AtomicFile.Write(path, descriptor);
            return path;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
