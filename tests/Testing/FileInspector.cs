using System.Security.Cryptography;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Testing;

/// <summary>A <see cref="FakeInspector"/> with the id, version and threshold of its model file.</summary>
public sealed class FileInspector : IInspector
{
    private readonly FakeInspector _inspector = new();

    public FileInspector(string path)
    {
        using var model = ModelFile.Open(path);
        var of = model.Description;
        Info = _inspector.Info with
        {
            BankId = of.Id,
            BankVersion = of.Version,
            BankSha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))),
            EncoderSha256 = of.EncoderSha256,
            Threshold = of.Threshold,
        };
    }

    public InspectorInfo Info { get; }

    /// <inheritdoc cref="FakeInspector.Inspecting"/>
    public Action Inspecting { get; init; } = () => { };

    /// <summary>Called once, when the inspector is disposed.</summary>
    public Action Disposing { get; init; } = () => { };

    public void MakeExact(float from) => _inspector.MakeExact(from);

    public Inspection Inspect(Image image, float? threshold = null, PartRegions? regions = null)
    {
        Inspecting();
        return _inspector.Inspect(image, threshold ?? Info.Threshold, regions);
    }

    public void Dispose()
    {
        if (!_inspector.IsDisposed)
            Disposing();
        _inspector.Dispose();
    }
}
