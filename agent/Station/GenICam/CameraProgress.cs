using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>Reports the progress and the faults of a camera.</summary>
/// <param name="name">The name of the camera in reports.</param>
/// <param name="isSilent">True for a camera that counts as healthy only after its first frame.</param>
/// <param name="problem">Called with the reason when frames stop coming, and with null when they come again.</param>
/// <param name="mismatch">Called where triggers, frames and the camera's counter disagree, with the kind, "lost", "ignored", "surplus" or "torn", and the number of frames.</param>
public sealed class CameraProgress(string name, bool isSilent, TimeProvider clock, Action<string?> problem, Action<string, long> mismatch)
{
    // No time of the clock's tick counter.
    private const long NoCall = long.MinValue;

    private static readonly TimeSpan ReopenDelay = TimeSpan.FromMilliseconds(500), MaxReopenDelay = TimeSpan.FromSeconds(10);

    private string _step = "";
    private long _callSince = NoCall;
    private TimeSpan _reopenDelay = ReopenDelay;

    /// <summary>The name of the camera.</summary>
    public string Name => name;

    /// <summary>Returns true after the camera fell silent, until its next frame.</summary>
    public bool IsSilent { get; private set; } = isSilent;

    /// <summary>Notes the step at which the camera stands.</summary>
    /// <param name="step">The step as the predicate of a sentence, such as "is being opened".</param>
    public void Enter(string step) => Volatile.Write(ref _step, $"{name} {step}");

    /// <summary>Notes that a call into the driver begins.</summary>
    public void BeginCall() => Volatile.Write(ref _callSince, clock.GetTimestamp());

    /// <summary>Notes that the call has come back.</summary>
    public void EndCall() => Volatile.Write(ref _callSince, NoCall);

    /// <summary>Reports a call that does not come back; the camera is silent then, until its next frame. Runs beside the camera's thread, which hangs.</summary>
    public void CheckCall(TimeSpan limit)
    {
        if (Volatile.Read(ref _callSince) is not NoCall and var since && clock.GetElapsedTime(since) >= limit)
        {
            IsSilent = true;
            problem($"{Volatile.Read(ref _step)}: its driver has not answered for {limit.TotalSeconds:0} s");
        }
    }

    /// <summary>Reports the current step as the reason why a request got no frame.</summary>
    public void ReportStep() => problem(Volatile.Read(ref _step));

    /// <summary>Reports that the camera is lost.</summary>
    public void ReportLost(CameraLostException error)
    {
        Enter(error.Message);
        problem($"{name}: {error.Message}");
    }

    /// <summary>Reports that frames come.</summary>
    public void ReportDelivery()
    {
        (_reopenDelay, IsSilent) = (ReopenDelay, false);
        problem(null);
    }

    /// <summary>Reports a number of frames that triggers and counter disagree about; 0 is not reported.</summary>
    public void ReportMismatch(string kind, long count)
    {
        if (count > 0)
            mismatch(kind, count);
    }

    /// <returns>The exception by which a silent camera is opened again.</returns>
    /// <param name="since">The length of the silence, such as "for more than 3 s".</param>
    public CameraLostException FellSilent(string since)
    {
        IsSilent = true;
        return new CameraLostException($"it has sent no frame {since}");
    }

    /// <returns>The delay before the camera is opened again; it doubles until the camera delivers.</returns>
    public TimeSpan NextReopenDelay()
    {
        var delay = _reopenDelay;
        _reopenDelay = TimeSpan.FromTicks(Math.Min(2 * delay.Ticks, MaxReopenDelay.Ticks));
        return delay;
    }
}
