using MrfAd.Platform;

namespace MrfAd.Onnx.Tensors;

/// <summary>A file of tensors is damaged or lacks something; the text names the file and the section, the expected and the actual value.</summary>
public sealed class TensorFormatException(string message) : MrfAdException(OneLine(message))
{
    /// <summary>Shortens a message and removes control characters, because names in a damaged file may be long and contain any bytes.</summary>
    private static string OneLine(string message) => new([.. message.Take(600).Select(c => char.IsControl(c) ? '?' : c)]);
}
