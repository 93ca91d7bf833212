using MrfAd.Contracts;

namespace MrfAd.Station.Runtime;

/// <summary>The state of the station, composed of the problems and warnings that its parts report. Thread-safe.</summary>
public sealed class StationHealth(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, string> _problems = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _warnings = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, CameraMismatches> _cameras = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _selfTests = new(StringComparer.Ordinal);
    private StationState _progress = StationState.Preparing;
    private IReadOnlyList<ProductState> _products = [];
    private string? _error;
    private HealthReport? _current;

    /// <summary>Raised after each change of state or reason, on the thread of the part that changed; not for the cameras' counters, which may change often.</summary>
    public event Action? Changed;

    public HealthReport Current
    {
        get
        {
            lock (_lock)
                return _current ??= Evaluate();
        }
    }

    /// <summary>Reports that the detectors are loaded.</summary>
    public void Prepared() => Update(() => _progress = StationState.Ready);

    /// <summary>Reports that a trigger has come.</summary>
    public void Running() => Update(() => _progress = _progress == StationState.Ready ? StationState.Running : _progress);

    /// <summary>Reports a problem of a part, or that it has none.</summary>
    /// <param name="part">The part that has the problem, for example "camera camera1" or "broker".</param>
    /// <param name="problem">One sentence that names the part; null where it has no problem.</param>
    public void Set(string part, string? problem) => Update(() => Put(_problems, part, problem));

    /// <summary>Reports a warning of a part, or that it has none. The state stays as it is; its reason names the warning.</summary>
    /// <inheritdoc cref="Set"/>
    public void Warn(string part, string? warning) => Update(() => Put(_warnings, part, warning));

    /// <summary>Adds a camera with all counters at zero.</summary>
    public void AddCamera(string camera) => Mismatched(camera, "lost", 0);

    /// <param name="kind">"lost", "ignored", "surplus" or "torn".</param>
    public void Mismatched(string camera, string kind, long count)
    {
        lock (_lock)
        {
            _cameras[camera] = (_cameras.GetValueOrDefault(camera) ?? new CameraMismatches { Camera = camera }).With(kind, count);
            _current = (_current ?? Evaluate()) with { Cameras = [.. _cameras.Values] };
        }
    }

    /// <summary>Reports which products are active and loaded.</summary>
    public void SetProducts(IReadOnlyList<ProductState> products)
    {
        lock (_lock)
        {
            _products = products;
            _current = (_current ?? Evaluate()) with { Products = products };
        }

        Changed?.Invoke();
    }

    /// <summary>Reports the result of a self-test, or that one is to come.</summary>
    /// <param name="part">The part that is tested, as <see cref="Set"/> takes it.</param>
    public void SelfTested(string part, bool isPassed)
    {
        lock (_lock)
        {
            _selfTests[part] = isPassed;
            _current = (_current ?? Evaluate()) with { SelfTest = SelfTest };
        }

        Changed?.Invoke();
    }

    /// <summary>Reports a fatal error. The first one stays, as later ones are usually its consequences.</summary>
    public void Fail(string reason) => Update(() => _error ??= reason);

    private static void Put(SortedDictionary<string, string> texts, string part, string? text)
    {
        if (text is null)
            texts.Remove(part);
        else
            texts[part] = text;
    }

    private void Update(Action change)
    {
        lock (_lock)
        {
            var before = _current ??= Evaluate();
            change();
            var after = Evaluate();
            if ((after.State, after.Reason) == (before.State, before.Reason))
                return;
            _current = after;
        }

        Changed?.Invoke();
    }

    private bool? SelfTest => _selfTests.Count == 0 ? null : _selfTests.Values.All(isPassed => isPassed);

    private HealthReport Evaluate()
    {
        var reason = _problems.Count + _warnings.Count == 0 ? null : string.Join("; ", _problems.Values.Concat(_warnings.Values));
        var state = _error is not null ? StationState.Error
            : _progress == StationState.Preparing ? StationState.Preparing
            : _problems.Count > 0 ? StationState.Degraded
            : _progress;
        return new HealthReport(state, _error ?? reason, clock.GetUtcNow()) { Cameras = [.. _cameras.Values], Products = _products, SelfTest = SelfTest };
    }
}
