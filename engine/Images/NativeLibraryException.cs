namespace MrfAd.Engine.Images;

/// <summary>A native library cannot be loaded; the text is one sentence that names what is missing and the command that installs it.</summary>
public sealed class NativeLibraryException(string message) : Exception(message);
