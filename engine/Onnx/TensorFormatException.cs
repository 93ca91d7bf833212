namespace MrfAd.Engine.Onnx;

/// <summary>A safetensors file is damaged or lacks something; the text names the file and the section, the wanted and the got.</summary>
public sealed class TensorFormatException(string message) : Exception(message);
