using MrfAd.Engine.Verdicts;

namespace MrfAd.Station.Inspection;

/// <summary>
/// The detector of one or several cameras: one inspector, which can be replaced between two frames, and unloaded where another one needs its memory. An unloaded
/// detector is loaded again when it is used.
/// </summary>
/// <param name="open">Opens the inspector that is to judge.</param>
/// <param name="size">Returns the memory that the inspector takes, in bytes; null where nothing is known about it.</param>
public sealed class Detector(Func<IInspector> open, Func<long>? size = null) : IDisposable
{
    private readonly Lock _frame = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IInspector? _inspector;
    private bool _isDisposed;

    /// <summary>Raised after each change of <see cref="Info"/> and each loading, on the thread that made it; not where the detector is unloaded.</summary>
    public event Action? Changed;

    /// <summary>The description of the inspector that judges the next frame, also while it is unloaded; null until it is loaded for the first time.</summary>
    public InspectorInfo? Info { get; private set; }

    /// <summary>Completes when the first inspector is loaded.</summary>
    public Task Loaded => _loaded.Task;

    /// <summary>True while the inspector is in memory.</summary>
    public bool IsLoaded => Volatile.Read(ref _inspector) is not null;

    /// <summary>The memory that the inspector takes while it is loaded, in bytes; 0 where nothing is known about it.</summary>
    public long Bytes => size?.Invoke() ?? 0;

    /// <summary>Compares the frames that are collected with each other as long as there is no model; null where there is one. To be used by one thread at a time.</summary>
    public PictureCheck? Collected { get; private set; }

    /// <summary>True as long as there is no model: frames are kept to learn one from, and not judged.</summary>
    public bool IsCollecting => Collected is not null;

    /// <summary>One sentence for whoever needs the model while there is none, or it was not loaded yet.</summary>
    public string WhyNone => IsCollecting ? "there is no bank yet: good parts are collected for the first one" : "the bank is still being loaded";

    /// <summary>The reason why it could not be loaded; null where it could.</summary>
    public string? Failure { get; set; }

    /// <summary>Begins to collect: there is no model, until <see cref="Replace"/> brings one.</summary>
    public void Collect() => Collected = new PictureCheck();

    /// <summary>Loads the inspector and prepares it, which may take long.</summary>
    /// <inheritdoc cref="InspectorFactory.Open"/>
    /// <param name="report">Called with a sentence for each step that takes long.</param>
    public void Open(Action<string> report) => Replace(Prepared(report))?.Dispose();

    /// <summary>Lends the inspector for one frame; meanwhile it is neither replaced nor used by others.</summary>
    /// <exception cref="InvalidOperationException">The detector is not open yet, or disposed.</exception>
    public T Judge<T>(Func<IInspector, T> frame)
    {
        var isReloaded = false;
        try
        {
            lock (_frame)
            {
                if (_inspector is null && Info is not null)
                {
                    _inspector = Prepared(_ => { });
                    (Info, isReloaded) = (_inspector.Info, true);
                }

                return frame(_inspector ?? throw new InvalidOperationException("the detector is not open"));
            }
        }
        finally
        {
            if (isReloaded)
                Changed?.Invoke();
        }
    }

    /// <summary>Replaces the inspector between two frames.</summary>
    /// <returns>The previous inspector, which the caller owns now; null where there was none.</returns>
    public IInspector? Replace(IInspector next)
    {
        IInspector? before;
        lock (_frame)
        {
            if (_isDisposed)
                return next;
            (before, _inspector, Info, Failure, Collected) = (_inspector, next, next.Info, null, null);
        }

        Changed?.Invoke();
        _loaded.TrySetResult();
        return before;
    }

    /// <summary>Frees the memory of the inspector, between two frames.</summary>
    public void Unload()
    {
        lock (_frame)
        {
            _inspector?.Dispose();
            _inspector = null;
        }
    }

    public void Dispose()
    {
        lock (_frame)
        {
            _isDisposed = true;
            _inspector?.Dispose();
            (_inspector, Info) = (null, null);
        }
    }

    private IInspector Prepared(Action<string> report)
    {
        var next = open();
        try
        {
            next.Prepare(report);
            return next;
        }
        catch
        {
            next.Dispose();
            throw;
        }
    }
}
