using MrfAd.Engine.Banks;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>An inspector whose model has a share of the memory budget until it is disposed of.</summary>
public sealed class BudgetedInspector : IInspector
{
    private readonly IInspector _inspector;
    private readonly IDisposable _memory;

    private BudgetedInspector(IInspector inspector, IDisposable memory) => (_inspector, _memory) = (inspector, memory);

    public InspectorInfo Info => _inspector.Info;

    /// <summary>Takes the memory for a model and opens its inspector.</summary>
    /// <exception cref="BankFormatException">The budget has no room for the model, or the model cannot be opened.</exception>
    public static IInspector Open(DetectorOptions options, Func<DetectorOptions, IInspector> open, MemoryBudget memory)
    {
        // Whether there is such a file at all is said by whoever opens it.
        var file = new FileInfo(options.Bank);
        var bytes = file.Exists ? file.Length : 0;
        var share = memory.TryTake(MemoryUse.Models, bytes) ?? throw new BankFormatException($"{options.Bank}: {memory.Describe(bytes)}");
        try
        {
            return new BudgetedInspector(open(options), share);
        }
        catch
        {
            share.Dispose();
            throw;
        }
    }

    public void Prepare(Action<string> report) => _inspector.Prepare(report);

    public Engine.Verdicts.Inspection Inspect(Image image, float? threshold = null, PartRegions? regions = null) => _inspector.Inspect(image, threshold, regions);

    public void MakeExact(float from) => _inspector.MakeExact(from);

    public Image? Upright(Image image) => _inspector.Upright(image);

    public IReadOnlyList<HotSpot> Explain(Engine.Verdicts.Inspection inspection, int maxSpots) => _inspector.Explain(inspection, maxSpots);

    public void Dispose()
    {
        _inspector.Dispose();
        _memory.Dispose();
    }
}
