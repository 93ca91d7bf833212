using MrfAd.Engine.Verdicts;

namespace MrfAd.Station.Inspection;

/// <summary>What judges the frames of one camera or several: one inspector, opened once, that may be replaced between two frames.</summary>
/// <param name="open">Opens the first inspector.</param>
public sealed class Detector(Func<IInspector> open) : IDisposable
{
    private readonly Lock _frame = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IInspector? _inspector;

    /// <summary>Raised after each change of <see cref="Info"/>, by who made it.</summary>
    public event Action? Changed;

    /// <summary>By what the next frame is judged; null until it is loaded.</summary>
    public InspectorInfo? Info { get; private set; }

    /// <summary>Completes when the first inspector is loaded.</summary>
    public Task Loaded => _loaded.Task;

    /// <summary>Loads the first inspector, and does for it what takes long.</summary>
    /// <inheritdoc cref="InspectorFactory.Open"/>
    /// <param name="say">Told what takes long.</param>
    public void Open(Action<string> say)
    {
        var first = open();
        try
        {
            first.Prepare(say);
        }
        catch
        {
            first.Dispose();
            throw;
        }

        Replace(first)?.Dispose();
    }

    /// <summary>Lends the inspector for one frame: nothing replaces it meanwhile, and nobody else uses it.</summary>
    /// <exception cref="InvalidOperationException">Not opened yet, or disposed of.</exception>
    public T Judge<T>(Func<IInspector, T> frame)
    {
        lock (_frame)
            return frame(_inspector ?? throw new InvalidOperationException("the detector is not open"));
    }

    /// <summary>Takes effect between two frames.</summary>
    /// <returns>The inspector before, which is now the caller's; null where there was none.</returns>
    public IInspector? Replace(IInspector next)
    {
        IInspector? before;
        lock (_frame)
            (before, _inspector, Info) = (_inspector, next, next.Info);
        Changed?.Invoke();
        _loaded.TrySetResult();
        return before;
    }

    public void Dispose()
    {
        lock (_frame)
        {
            _inspector?.Dispose();
            (_inspector, Info) = (null, null);
        }
    }
}
