using MrfAd.Contracts;

namespace MrfAd.Station.Updates;

/// <summary>How far the next version has come, for whoever wants to know. Thread-safe.</summary>
public sealed class BankStatus
{
    // A progress bar moves by this.
    private const double Step = 0.01;

    private BankUpdate? _update;

    /// <summary>Raised after each change worth telling.</summary>
    public event Action? Changed;

    public BankUpdate? Update => _update;

    public void Set(BankUpdate? update)
    {
        var before = Interlocked.Exchange(ref _update, update);
        if (update is null || before is null || update.Phase != before.Phase || update.Reason != before.Reason)
            Changed?.Invoke();
    }

    /// <param name="progress">0 to 1, of the phase.</param>
    public void Advance(double progress)
    {
        if (_update is not { } update || (progress < 1 && progress < update.Progress + Step))
            return;
        _update = update with { Progress = progress };
        Changed?.Invoke();
    }

    /// <summary>The store has changed.</summary>
    public void Tell() => Changed?.Invoke();
}
