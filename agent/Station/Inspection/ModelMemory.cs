using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Products;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>
/// Decides which models stay in memory: those of the active products in any case, the others within a budget, of which the one that was used longest ago is given up first. Without products all stay.
/// Says in the state and the metrics which are loaded. Thread-safe.
/// </summary>
/// <param name="maxBytes">The budget in bytes of model files.</param>
public sealed partial class ModelMemory(Detectors detectors, ActiveProducts products, long maxBytes, StationHealth health, MrfAdMeter meter, ILogger<ModelMemory> log)
{
    private readonly ConcurrentDictionary<Detector, long> _lastUse = new();
    private readonly Lock _room = new();
    private long _uses;

    /// <summary>True where the station has products.</summary>
    public bool HasProducts => products.Names.Count > 0;

    /// <summary>Raised after another product has become active.</summary>
    public event Action? ActiveChanged
    {
        add => products.Changed += value;
        remove => products.Changed -= value;
    }

    /// <summary>Returns true for a detector that a camera uses by its active product.</summary>
    public bool IsActive(Detector detector) => !HasProducts || detectors.JudgedBy(detector).Any(judged => products.Of(judged.Camera) == judged.Product);

    /// <summary>Notes that a detector is used now.</summary>
    public void Use(Detector detector) => _lastUse[detector] = Interlocked.Increment(ref _uses);

    /// <summary>Returns true where a detector fits into the budget beside those that are loaded.</summary>
    public bool HasRoomFor(Detector detector) => LoadedBytes(except: detector) + detector.Bytes <= maxBytes;

    /// <summary>Unloads what was used longest ago until a detector fits into the budget beside the others; those of active products stay.</summary>
    public void MakeRoomFor(Detector detector)
    {
        lock (_room)
        {
            while (!HasRoomFor(detector) && Oldest(except: detector) is { } oldest)
            {
                oldest.Unload();
                meter.ModelUnloaded();
                LogUnloaded(NameOf(oldest), NameOf(detector));
            }
        }
    }

    /// <summary>Says which products are active and loaded; does nothing where there are none.</summary>
    public void Report()
    {
        if (!HasProducts)
            return;
        var byProduct = detectors.All.ToLookup(d => detectors.JudgedBy(d).First().Product!);
        var states = products.Names.Select(name => new ProductState
        {
            Product = name,
            Cameras = [.. detectors.CamerasOf(name).Where(camera => products.Of(camera) == name)],
            Loaded = byProduct[name].All(d => d.IsLoaded),
            Problem = byProduct[name].Select(d => d.Failure).FirstOrDefault(failure => failure is not null),
        }).ToList();
        health.SetProducts(states);
        foreach (var state in states)
            meter.SetProduct(state.Product, state.Loaded, state.Cameras.Count > 0);
    }

    /// <summary>Returns the name of what a detector judges, for sentences.</summary>
    public string NameOf(Detector detector) => detectors.JudgedBy(detector).First() is var (product, camera) ? product ?? camera : "";

    private long LoadedBytes(Detector except) => detectors.All.Where(d => d != except && d.IsLoaded).Sum(d => d.Bytes);

    private Detector? Oldest(Detector except) =>
        detectors.All.Where(d => d != except && d.IsLoaded && !IsActive(d)).MinBy(d => _lastUse.GetValueOrDefault(d));

    [LoggerMessage(213, LogLevel.Information, "The model of {Product} was unloaded for that of {Other}")]
    private partial void LogUnloaded(string product, string other);
}
