using System.Diagnostics;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Triggers;

/// <summary>Accepts triggers from outside the station. Each is on disk before it counts as accepted, and one whose id a camera knows already takes no second image.</summary>
/// <param name="parts">The parts of several views; null where the station has none.</param>
public sealed class TriggerService(StationOutbox outbox, MrfAdMeter meter, PartsOptions? parts = null)
{
    // Ids that share a lock wait for each other's write to disk; with 64 locks this is rare.
    private readonly Lock[] _byId = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];

    /// <summary>Fires a camera.</summary>
    /// <param name="id">The id that the sender gave the trigger; where it is null, the verdict's id is used.</param>
    /// <param name="source">The source of the trigger as in the verdict message, for example "gpio", "mqtt" or "http".</param>
    /// <param name="sent">The frame that came with the trigger; null where the camera takes one.</param>
    /// <param name="isRepeated">True where the camera knows the id already.</param>
    /// <param name="part">The data of the part that came with the trigger; null where none came. Those of a repeated trigger are not used.</param>
    /// <param name="product">The product that the sender chose for this part; null means the active one.</param>
    /// <param name="sender">The sender's span, to which the part's trace is joined.</param>
    /// <returns>
    /// The trigger, which may have been refused; null where the station is stopping (the verdict INVALID comes with the next start) or the camera
    /// knows the id: then the verdict, if there is one, is sent once more.
    /// </returns>
    public Trigger? Fire(
        Camera camera, string? id, string source, SentFrame? sent, out bool isRepeated, PartInfo? part = null, string? product = null, ActivityContext sender = default)
    {
        isRepeated = false;
        if (parts is { SerialIsPart: true } && part is { Id: null })
            part = part with { Id = part.Serial };
        if (id is null)
            return Accept(camera, id, source, sent, part, product, sender);
        var name = camera.Options.Name;
        OutboxMessage? verdict;
        // A second trigger with the same id at the same time finds the first one here.
        lock (_byId[(uint)HashCode.Combine(name, id) % _byId.Length])
        {
            if (!outbox.Verdicts.TryGetTrigger(name, id, out verdict))
                return Accept(camera, id, source, sent, part, product, sender);
        }

        isRepeated = true;
        meter.TriggerRepeated(name);
        if (verdict is not null)
            outbox.Resend([verdict]);
        return null;
    }

    private Trigger? Accept(Camera camera, string? id, string source, SentFrame? sent, PartInfo? part, string? product, ActivityContext sender) => camera.Fire(
        id, source,
        t => outbox.Add(new TriggerEntry(t.VerdictId, t.Seq, camera.Options.Name, t.Id, t.Source, t.At) { Part = t.Part, Product = t.Product, Traceparent = PartTrace.TraceparentOf(sender) }),
        sent, part, product, sender);
}
