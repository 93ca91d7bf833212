using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Networks;

/// <summary>Recognises the network of a checkpoint by its tensors' names.</summary>
public static class Network
{
    /// <exception cref="TensorFormatException">The file is damaged, or is not of a supported network.</exception>
    public static INetwork Open(string path, NetworkOptions options)
    {
        var checkpoint = Checkpoint.Open(path);
        try
        {
            return DinoV2.Recognise(checkpoint, options) ?? DinoV3.Recognise(checkpoint, options) ?? ConvNeXt.Recognise(checkpoint, options) ?? ResNet.Recognise(checkpoint, options)
                ?? throw new TensorFormatException($"{path}: neither a DINOv2, a DINOv3, a ConvNeXt nor a ResNet; its {checkpoint.Tensors.Count} tensors begin with {string.Join(", ", checkpoint.Tensors.Keys.Order().Take(3))}");
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }
}
