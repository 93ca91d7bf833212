using MrfAd.Engine.Verdicts;

namespace MrfAd.Station.Inspection;

/// <summary>The detector of one or several cameras: one inspector, opened once, which can be replaced between two frames.</summary>
/// <param name="open">Opens the first inspector.</param>
public sealed class Detector(Func<IInspector> open) : IDisposable
{
    private readonly Lock _frame = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IInspector? _inspector;

    /// <summary>Raised after each change of <see cref="Info"/>, on the thread that made it.</summary>
    public event Action? Changed;

    /// <summary>The description of the inspector that judges the next frame; null until it is loaded.</summary>
    public InspectorInfo? Info { get; private set; }

    /// <summary>Completes when the first inspector is loaded.</summary>
    public Task Loaded => _loaded.Task;

    /// <summary>Loads the first inspector and prepares it, which may take long.</summary>
    /// <inheritdoc cref="InspectorFactory.Open"/>
    /// <param name="report">Called with a sentence for each step that takes long.</param>
    public void Open(Action<string> report)
    {
        var first = open();
        try
        {
            first.Prepare(report);
        }
        catch
        {
            first.Dispose();
            throw;
        }

        Replace(first)?.Dispose();
    }

    /// <summary>Lends the inspector for one frame; meanwhile it is neither replaced nor used by others.</summary>
    /// <exception cref="InvalidOperationException">The detector is not open yet, or disposed.</exception>
    public T Judge<T>(Func<IInspector, T> frame)
    {
        lock (_frame)
            return frame(_inspector ?? throw new InvalidOperationException("the detector is not open"));
    }

    /// <summary>Replaces the inspector between two frames.</summary>
    /// <returns>The previous inspector, which the caller owns now; null where there was none.</returns>
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
