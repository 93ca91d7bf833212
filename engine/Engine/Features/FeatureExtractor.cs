using MrfAd.Engine.Images;
using MrfAd.Engine.Search;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Features;

/// <summary>Computes the features Φ for one input size: resizes, normalises and runs the encoder. It allocates nothing after its first image and is not thread-safe.</summary>
public sealed class FeatureExtractor : IDisposable
{
    private readonly Encoder _encoder;
    private readonly OnnxSession.Run _run;
    private readonly IReadOnlyList<bool>? _keepOnDevice;
    private readonly float[][] _levels; // [channel][8-bit sample] → normalised value
    private Image? _resized;

    /// <param name="keepOnDevice">For each layer, true to keep its features on the device; null keeps none there.</param>
    internal FeatureExtractor(Encoder encoder, int width, int height, OnnxSession.Run run, IReadOnlyList<bool>? keepOnDevice)
    {
        _keepOnDevice = keepOnDevice;
        _encoder = encoder;
        Width = width;
        Height = height;
        _run = run;
        _levels = [.. Enumerable.Range(0, 3).Select(c => Enumerable.Range(0, 256).Select(v => Normalise(v / 255f, c)).ToArray())];
    }

    /// <summary>Width of the resized image, px.</summary>
    public int Width { get; }

    public int Height { get; }

    /// <summary>Computes Φ_l(x_s) for all layers; <see cref="Layer"/> returns them.</summary>
    /// <inheritdoc cref="Fill"/>
    public void Extract(Image image)
    {
        Fill(image);
        Encode();
    }

    /// <summary>Fills the encoder's input x_s with the resized and normalised image.</summary>
    /// <param name="image">An image of any size; grey is repeated over the three channels.</param>
    internal void Fill(Image image)
    {
        if (image.Width == Width && image.Height == Height)
        {
            FillPlanes(image);
            return;
        }

        if (_resized is null || _resized.Channels != image.Channels || _resized.Depth != image.Depth)
        {
            _resized?.Dispose();
            _resized = new Image(Width, Height, image.Channels, image.Depth);
        }

        ImageResize.Resize(image, _resized);
        FillPlanes(_resized);
    }

    /// <summary>Runs the encoder on the input that <see cref="Fill"/> has filled.</summary>
    internal void Encode() => _run.Execute();

    /// <summary>Returns the features of layer i of <see cref="Encoder.Layers"/> for the last extracted image.</summary>
    /// <exception cref="OnnxModelException">The layer is neither a map [1, C, h, w] nor tokens [1, T, D] that fit the descriptor.</exception>
    public PatchFeatures Layer(int i)
    {
        var shape = _run.OutputShapes[i];
        var onDevice = _keepOnDevice?[i] == true ? _run.Tensor(i) : null;
        var values = onDevice is null ? _run.Output(i) : default;
        if (shape is [1, var channels, var h, var w])
            return new PatchFeatures((int)w, (int)h, (int)channels, FeatureLayout.ChannelsFirst, values) { OnDevice = onDevice };
        var patch = _encoder.Descriptor.SizeMultiple;
        var (columns, rows) = (Width / patch, Height / patch);
        var prefix = _encoder.Descriptor.PrefixTokens;
        if (shape is [1, var tokens, var dimension] && tokens == prefix + (columns * rows))
            return new PatchFeatures(columns, rows, (int)dimension, FeatureLayout.PatchesFirst, onDevice is null ? values[(int)(prefix * dimension)..] : values) { OnDevice = onDevice };
        throw new OnnxModelException(
            $"layer '{_encoder.Layers[i]}' of {_encoder.Id} has shape [{string.Join(", ", shape)}]: want [1, C, h, w], or [1, {prefix} + {rows}·{columns}, D]");
    }

    public void Dispose()
    {
        _run.Dispose();
        _resized?.Dispose();
    }

    private float Normalise(float value, int channel) => (value - _encoder.Descriptor.Mean[channel]) / _encoder.Descriptor.Std[channel];

    /// <summary>Converts interleaved samples to normalised planes [3, H, W].</summary>
    private void FillPlanes(Image image)
    {
        var pixels = Width * Height;
        var input = _run.Input;
        for (var channel = 0; channel < 3; channel++)
        {
            var plane = input.Slice(channel * pixels, pixels);
            var offset = image.Channels == 3 ? channel : 0;
            if (image.Depth == PixelDepth.Eight)
            {
                var levels = _levels[channel];
                var samples = image.Bytes;
                for (int i = 0, at = offset; i < plane.Length; i++, at += image.Channels)
                    plane[i] = levels[samples[at]];
            }
            else
            {
                var samples = image.Samples16;
                for (int i = 0, at = offset; i < plane.Length; i++, at += image.Channels)
                    plane[i] = Normalise(samples[at] / 65535f, channel);
            }
        }
    }
}
