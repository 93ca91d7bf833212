using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>How a camera is doing, and who is told of it.</summary>
/// <param name="isSilent">The camera counts as well only after its first frame.</param>
/// <param name="problem">Told why no frames come, and null when they come again.</param>
/// <param name="mismatch">Told where triggers, frames and the camera's counter disagree: "lost", "ignored", "surplus" or "torn", and how many.</param>
public sealed class CameraProgress(string name, bool isSilent, Action<string?> problem, Action<string, long> mismatch)
{
    private static readonly TimeSpan ReopenDelay = TimeSpan.FromMilliseconds(500), MaxReopenDelay = TimeSpan.FromSeconds(10);

    private string _step = "";
    private TimeSpan _reopenDelay = ReopenDelay;

    public string Name => name;

    /// <summary>It fell silent and has sent no frame since.</summary>
    public bool IsSilent { get; private set; } = isSilent;

    /// <param name="step">What the camera does, with its name before it: "is being opened".</param>
    public void Enter(string step) => Volatile.Write(ref _step, $"{name} {step}");

    /// <summary>Somebody waited for a frame in vain: the step at which it stands is why.</summary>
    public void ReportStep() => problem(Volatile.Read(ref _step));

    /// <summary>The camera is gone.</summary>
    public void ReportLost(CameraLostException error)
    {
        Enter(error.Message);
        problem($"{name}: {error.Message}");
    }

    /// <summary>Frames come.</summary>
    public void ReportDelivery()
    {
        (_reopenDelay, IsSilent) = (ReopenDelay, false);
        problem(null);
    }

    public void ReportMismatch(string kind, long count)
    {
        if (count > 0)
            mismatch(kind, count);
    }

    /// <param name="since">"for more than 3 s".</param>
    public CameraLostException FellSilent(string since)
    {
        IsSilent = true;
        return new CameraLostException($"it has sent no frame {since}");
    }

    /// <returns>How long to wait before the camera is opened again; doubles until it delivers.</returns>
    public TimeSpan NextReopenDelay()
    {
        var delay = _reopenDelay;
        _reopenDelay = TimeSpan.FromTicks(Math.Min(2 * delay.Ticks, MaxReopenDelay.Ticks));
        return delay;
    }
}
