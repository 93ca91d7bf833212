using MrfAd.Platform;

namespace MrfAd.Onnx.Graphs;

/// <summary>A model or its descriptor cannot be used; the text names the file, the expected and the actual value.</summary>
public sealed class OnnxModelException(string message, Exception? inner = null) : MrfAdException(message, inner);
