using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Masks;

/// <summary>
/// A network that separates part from background (BEN2, U²-Net). It is described as encoders are: one graph for one size of view, to which the
/// whole image is brought, and one layer, [1, 1, h, w], the likelihood of the part.
/// </summary>
public sealed class MaskModel : IDisposable
{
    // A pixel of at least this likelihood is part rather than background.
    private const float MinLikelihood = 0.5f;

    private readonly Encoder _encoder;
    private readonly int _width;
    private readonly int _height;
    private FeatureExtractor? _extractor;
    private PartMask? _mask;

    private MaskModel(Encoder encoder, int width, int height) => (_encoder, _width, _height) = (encoder, width, height);

    public string Id => _encoder.Id;

    /// <summary>SHA-256 of the ONNX file, lower-case hex.</summary>
    public string Sha256 => _encoder.Sha256;

    /// <inheritdoc cref="EncoderDescriptor.SettingsSha256"/>
    public string SettingsSha256 => _encoder.SettingsSha256;

    /// <param name="path">The path of the model's descriptor.</param>
    /// <param name="threads">Threads of one run.</param>
    /// <exception cref="OnnxModelException">The file is not a mask model, or the runtime refuses it.</exception>
    public static MaskModel Open(string path, int threads, OnnxDevice? device = null)
    {
        var encoder = Encoder.Open(path, null, threads, device);
        try
        {
            var graphs = encoder.Descriptor.Graphs;
            if (encoder.Layers.Count != 1 || graphs.Count != 1 || !View.TryParseSize(graphs.Keys.First(), out var width, out var height))
                throw new OnnxModelException($"{path}: not a mask model: want one layer and one graph for one size of view, got {encoder.Layers.Count} layers and {graphs.Count} graphs");
            return new MaskModel(encoder, width, height);
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    /// <summary>The provider on which the model actually runs.</summary>
    public IReadOnlyList<GraphPlacement> Placements => _encoder.Placements;

    /// <returns>The mask, which belongs to this object and is overwritten by the next call.</returns>
    /// <exception cref="OnnxModelException">The graph's output is not a likelihood for each pixel.</exception>
    public PartMask Find(Image image)
    {
        _extractor ??= _encoder.CreateExtractor(_width, _height);
        _extractor.Extract(image);
        var likelihood = _extractor.Layer(0);
        if (likelihood.Dimension != 1)
            throw new OnnxModelException($"the mask model {Id} gives {likelihood.Dimension} values a pixel, want one");
        if (_mask is null || _mask.Width != likelihood.Width || _mask.Height != likelihood.Height)
            _mask = new PartMask(likelihood.Width, likelihood.Height);
        _mask.Set(likelihood.Values, MinLikelihood);
        _mask.FillHoles();
        return _mask;
    }

    public void Dispose()
    {
        _extractor?.Dispose();
        _encoder.Dispose();
    }
}
