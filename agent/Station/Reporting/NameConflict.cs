using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>
/// Recognises another station with this one's name and a client id of its own, which publishes to the same topics: it listens to the topic <c>status</c>, where
/// a station says once after each connect that it is online. Where the broker does not let it read that topic, it recognises nothing. Where somebody else says
/// there that the station is offline, it says again that it is online.
/// </summary>
/// <param name="lifetime">Says when the station stops, and is about to be offline; null where it never does.</param>
public sealed partial class NameConflict(
    IMqttLink link, StationMessages messages, StationHealth health, TimeProvider clock, ILogger<NameConflict> log, IHostApplicationLifetime? lifetime = null)
{
    private const string Part = "station name";

    // More stations with one name than these are not told apart; each answer is an event for all of them.
    private const int MaxAnswered = 16;

    private readonly HashSet<string> _online = new(StringComparer.Ordinal);
    private readonly HashSet<string> _answered = new(StringComparer.Ordinal);

    /// <summary>Subscribes. To be called before the link starts.</summary>
    public void Subscribe() => link.Subscribe(messages.Topics.Status, OnStatusAsync, isOptional: true);

    private async Task OnStatusAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        // A retained status may be that of an earlier run of this station.
        if (message.Retain || Read(message) is not { } status)
            return;
        // This station's own offline comes from a last will that was late, or from somebody who has copied it.
        if (status.Status == Presence.Offline)
        {
            if (_online.Remove(status.Instance ?? "") && _online.Count == 0)
                health.Set(Part, null);
            // The topic is retained: without this, whoever asks from now on would take this station for dead.
            if (lifetime?.ApplicationStopping.IsCancellationRequested != true)
                await PublishOnlineAsync(cancellationToken);
            return;
        }

        if (status.Instance is not { } instance || instance == messages.Instance)
            return;

        if (_online.Count < MaxAnswered)
            _online.Add(instance);
        if (_answered.Count < MaxAnswered && _answered.Add(instance))
        {
            LogOther(messages.Topics.Root, status.Version);
            // The other one has not heard of this one, which was online before it. Each answers the other once.
            await PublishOnlineAsync(cancellationToken);
        }

        health.Set(Part, $"another station with the name '{messages.Topics.Root}' is online, with agent {status.Version}, and publishes to the same topics; every station needs a name of its own (site, line, station)");
    }

    private async Task PublishOnlineAsync(CancellationToken cancellationToken)
    {
        try
        {
            await link.PublishAsync(messages.Online(clock.GetUtcNow()), cancellationToken);
        }
        catch (MqttLinkException e)
        {
            LogNotAnswered(e.Message);
        }
    }

    private static StatusMessage? Read(MqttMessage message)
    {
        try
        {
            return JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.StatusMessage);
        }
        catch (JsonException)
        {
            // A payload that no station sends is ignored.
            return null;
        }
    }

    [LoggerMessage(313, LogLevel.Error, "Another station with the name {Name} has come online, with agent {Version}")]
    private partial void LogOther(string name, string version);

    [LoggerMessage(314, LogLevel.Warning, "What another client says on the topic status was not answered: {Why}")]
    private partial void LogNotAnswered(string why);
}
