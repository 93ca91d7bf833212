using MrfAd.Station.Capture;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Triggers;

/// <summary>Takes triggers from outside: each is on disk before it counts as taken, and one that a camera knows already brings no second image.</summary>
public sealed class TriggerService(StationOutbox outbox, MrfAdMeter meter)
{
    // Ids that share a lock wait for each other's write to disk; of 64 hardly any do.
    private readonly Lock[] _byId = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];

    /// <param name="id">What the asker calls it; null: the verdict's id.</param>
    /// <param name="sent">The frame, where it comes with the trigger.</param>
    /// <returns>
    /// The trigger, which may have been refused; null where the station stops (its verdict, INVALID, comes with the next start) or where the camera
    /// knows the id: then its verdict is sent once more when there is one.
    /// </returns>
    public Trigger? Fire(Camera camera, string? id, string source, SentFrame? sent, out bool isRepeated)
    {
        isRepeated = false;
        if (id is null)
            return Take(camera, id, source, sent);
        var name = camera.Options.Name;
        Letter? verdict;
        // Who asks at the same time with the same id finds it known.
        lock (_byId[(uint)HashCode.Combine(name, id) % _byId.Length])
        {
            if (!outbox.Verdicts.Knows(name, id, out verdict))
                return Take(camera, id, source, sent);
        }

        isRepeated = true;
        meter.TriggerRepeated(name);
        if (verdict is not null)
            outbox.SendAgain([verdict]);
        return null;
    }

    private Trigger? Take(Camera camera, string? id, string source, SentFrame? sent) =>
        camera.Fire(id, source, t => outbox.Verdicts.Add(new TriggerEntry(t.VerdictId, t.Seq, camera.Options.Name, t.Id, t.Source, t.At)), sent);
}
