using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Networks;

/// <summary>Which network a checkpoint is of, told by its tensors' names.</summary>
public static class Network
{
    /// <exception cref="TensorFormatException">The file is damaged, or of no network known here.</exception>
    public static INetwork Open(string path, NetworkOptions options)
    {
        var checkpoint = Checkpoint.Open(path);
        try
        {
            return (INetwork?)DinoV2.Recognise(checkpoint, options) ?? ResNet.Recognise(checkpoint, options)
                ?? throw new TensorFormatException($"{path}: neither a DINOv2 nor a ResNet; its {checkpoint.Tensors.Count} tensors begin with {string.Join(", ", checkpoint.Tensors.Keys.Order().Take(3))}");
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }
}
