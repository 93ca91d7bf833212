using MrfAd.Station.Capture;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Triggers;

/// <summary>Takes triggers from outside: each is on disk before it counts as taken, and one that a camera knows already brings no second image.</summary>
public sealed class TriggerDesk(StationOutbox outbox, MrfAdMeter meter)
{
    /// <param name="id">What the asker calls it; null: the verdict's id.</param>
    /// <param name="sent">The frame, where it comes with the trigger.</param>
    /// <returns>
    /// The trigger, which may have been refused; null where the station stops (its verdict, INVALID, comes with the next start) or where the camera
    /// knows the id: then its verdict is sent once more when there is one.
    /// </returns>
    public Trigger? Fire(Camera camera, string? id, string source, SentFrame? sent, out bool isRepeated)
    {
        var name = camera.Options.Name;
        // Who asks at the same time with the same id finds it known.
        lock (camera)
        {
            isRepeated = false;
            if (id is not null && outbox.Verdicts.Knows(name, id, out var verdict))
            {
                isRepeated = true;
                meter.TriggerRepeated(name);
                if (verdict is not null)
                    outbox.SendAgain([verdict]);
                return null;
            }

            return camera.Fire(id, source, t => outbox.Verdicts.Add(new TriggerEntry(t.VerdictId, t.Seq, name, t.Id, t.Source, t.At)), sent);
        }
    }
}
