using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary>Tries what a client without a name may do at the station's broker. What it publishes is no valid command and no valid offer; at a station that is online nothing is published.</summary>
internal sealed class AnonymousCheck(StationOptions options, TimeProvider clock)
{
    private static readonly byte[] Invalid = Encoding.UTF8.GetBytes("mrfad check");

    /// <param name="mqtt">The options of the station's connection, with a client id of its own.</param>
    /// <param name="isOnline">True where the station is online.</param>
    /// <returns>One sentence that says what it may do, and begins with WARNING where that is anything.</returns>
    public async Task<string> RunAsync(MqttOptions mqtt, bool isOnline, CancellationToken stop)
    {
        var nameless = mqtt with { Username = null, PasswordFile = null, Tls = mqtt.Tls with { CertificateFile = null, KeyFile = null } };
        await using var link = new MqttNetLink(nameless, will: null, clock, NullLogger.Instance);
        var connected = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        link.ConnectionChanged += reason => connected.TrySetResult(reason);
        link.Start();
        if (await connected.Task.WaitAsync(stop) is { } refusal)
            return $"a client without a name is refused: {refusal}";
        if (mqtt.Protocol == MqttProtocol.Mqtt311)
            return "WARNING: a client without a name connects, and MQTT 3.1.1 does not say what it may publish ('mrfad secure' closes the broker)";
        if (isOnline)
            return "WARNING: a client without a name connects; the station is online, so what it may publish was not tried ('mrfad secure' closes the broker)";
        var topics = new StationTopics(options.Site, options.Line, options.Station);
        var change = options.Control.AllowUnsigned ? "change how parts are judged" : "send commands that change how parts are judged, which the station refuses without a signature";
        List<string> may = [];
        foreach (var (topic, what) in ((string, string)[])[(topics.Command("trigger"), "fire triggers"), (topics.Command("threshold"), change), (topics.UpdateOffer, "offer banks, which the station refuses without a signature")])
        {
            if (await MayPublishAsync(link, topic, stop))
                may.Add(what);
        }

        await link.StopAsync(null, stop);
        return may.Count == 0
            ? "a client without a name connects, and may publish neither commands nor offers"
            : $"WARNING: a client without a name may {string.Join("; ", may)}. 'mrfad secure' closes the broker";
    }

    private static async Task<bool> MayPublishAsync(MqttNetLink link, string topic, CancellationToken stop)
    {
        try
        {
            await link.PublishAsync(new MqttMessage(topic, Invalid), stop);
            return true;
        }
        catch (MqttLinkException)
        {
            return false;
        }
    }
}
