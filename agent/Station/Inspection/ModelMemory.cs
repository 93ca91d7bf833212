using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Products;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>
/// Decides which models stay in memory: those of the active products in any case, the others while the memory budget has room, of which the one that was used longest ago gives way first.
/// Without products all stay. Says in the state and the metrics which are loaded. Thread-safe.
/// </summary>
public sealed partial class ModelMemory
{
    private readonly Detectors _detectors;
    private readonly ActiveProducts _products;
    private readonly MemoryBudget _memory;
    private readonly StationHealth _health;
    private readonly MrfAdMeter _meter;
    private readonly ILogger<ModelMemory> _log;
    private readonly ConcurrentDictionary<Detector, long> _lastUse = new();
    private readonly Lock _room = new();
    private long _uses;

    public ModelMemory(Detectors detectors, ActiveProducts products, MemoryBudget memory, StationHealth health, MrfAdMeter meter, ILogger<ModelMemory> log)
    {
        (_detectors, _products, _memory, _health, _meter, _log) = (detectors, products, memory, health, meter, log);
        memory.AddCache(UnloadOldest);
    }

    /// <summary>True where the station has products.</summary>
    public bool HasProducts => _products.Names.Count > 0;

    /// <summary>Raised after another product has become active.</summary>
    public event Action? ActiveChanged
    {
        add => _products.Changed += value;
        remove => _products.Changed -= value;
    }

    /// <summary>Returns true for a detector that a camera uses by its active product.</summary>
    public bool IsActive(Detector detector) => !HasProducts || _detectors.JudgedBy(detector).Any(judged => _products.Of(judged.Camera) == judged.Product);

    /// <summary>Notes that a detector is used now.</summary>
    public void Use(Detector detector) => _lastUse[detector] = Interlocked.Increment(ref _uses);

    /// <summary>Returns those of some detectors, in their order, for which there is room beside each other without that anything gives way.</summary>
    public IReadOnlyList<Detector> Fitting(IEnumerable<Detector> wanted)
    {
        var free = _memory.Free;
        return [.. wanted.Where(detector =>
        {
            var fits = detector.Bytes <= free;
            free -= fits ? detector.Bytes : 0;
            return fits;
        })];
    }

    /// <summary>Says which products are active and loaded; does nothing where there are none.</summary>
    public void Report()
    {
        if (!HasProducts)
            return;
        var byProduct = _detectors.All.ToLookup(d => _detectors.JudgedBy(d).First().Product!);
        var states = _products.Names.Select(name => new ProductState
        {
            Product = name,
            Cameras = [.. _detectors.CamerasOf(name).Where(camera => _products.Of(camera) == name)],
            Loaded = byProduct[name].All(d => d.IsLoaded),
            Collecting = byProduct[name].Any(d => d.IsCollecting),
            Problem = byProduct[name].Select(d => d.Failure).FirstOrDefault(failure => failure is not null),
        }).ToList();
        _health.SetProducts(states);
        foreach (var state in states)
            _meter.SetProduct(state.Product, state.Loaded, state.Cameras.Count > 0);
    }

    /// <summary>Returns the name of what a detector judges, for sentences.</summary>
    public string NameOf(Detector detector) => _detectors.JudgedBy(detector).First() is var (product, camera) ? product ?? camera : "";

    /// <returns>False where no model can give way: those of active products stay.</returns>
    private bool UnloadOldest()
    {
        lock (_room)
        {
            if (_detectors.All.Where(d => d.IsLoaded && !IsActive(d)).MinBy(d => _lastUse.GetValueOrDefault(d)) is not { } oldest)
                return false;
            oldest.Unload();
            _meter.ModelUnloaded();
            LogUnloaded(NameOf(oldest));
            return true;
        }
    }

    [LoggerMessage(213, LogLevel.Information, "The model of {Product} was unloaded: its memory is needed")]
    private partial void LogUnloaded(string product);
}
