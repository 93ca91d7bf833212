namespace MrfAd.Engine.Onnx;

/// <summary>ONNX Runtime's native library is missing, does not load, or is older than this program needs. The message says which is wanted and what to do.</summary>
public sealed class OnnxRuntimeLibraryException(string message, Exception? inner = null) : Exception(message, inner);
