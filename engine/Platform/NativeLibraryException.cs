namespace MrfAd.Platform;

/// <summary>A native library is missing, does not load, or is older than this program needs; the text is one sentence that names it, what is wanted and what to do.</summary>
public sealed class NativeLibraryException(string message, Exception? inner = null) : MrfAdException(message, inner);
