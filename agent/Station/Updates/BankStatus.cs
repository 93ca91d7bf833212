using MrfAd.Contracts;

namespace MrfAd.Station.Updates;

/// <summary>The progress of the update that is under way, for its subscribers. Thread-safe.</summary>
public sealed class BankStatus
{
    // Changes of the progress below this are not raised.
    private const double MinStep = 0.01;

    private BankUpdate? _update;

    /// <summary>Raised after each change of the update or of the stored banks.</summary>
    public event Action? Changed;

    public BankUpdate? Update => _update;

    public void Set(BankUpdate? update)
    {
        var before = Interlocked.Exchange(ref _update, update);
        if (update is null || before is null || update.Phase != before.Phase || update.Reason != before.Reason)
            Changed?.Invoke();
    }

    /// <summary>Sets the progress within the phase.</summary>
    /// <param name="progress">From 0 to 1.</param>
    public void Advance(double progress)
    {
        if (_update is not { } update || (progress < 1 && progress < update.Progress + MinStep))
            return;
        _update = update with { Progress = progress };
        Changed?.Invoke();
    }

    /// <summary>Raises <see cref="Changed"/> after a change of the stored banks.</summary>
    public void NotifyChanged() => Changed?.Invoke();
}
