using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Platform;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.HomeAssistant;

/// <summary>Announces the station after each connect, again where the broker has refused that, and takes back announcements of an earlier run that are no longer wanted, all of them where discovery is off.</summary>
/// <param name="announcements">The announcements; none where discovery is off.</param>
/// <param name="file">The file with the topics that hold an announcement of ours, one on each line; it is absent where there are none.</param>
public sealed partial class Announcer(
    IReadOnlyList<MqttMessage> announcements, string file, IMqttLink link, BrokerConnection broker, StationHealth health, ILogger<Announcer> log) : Worker(health)
{
    private readonly Channel<bool> _connects = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile bool _isRefused;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        broker.Connected += () => _connects.Writer.TryWrite(true);
        broker.RetryDue += () =>
        {
            if (_isRefused)
                _connects.Writer.TryWrite(true);
        };
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken stopping)
    {
        await foreach (var _ in _connects.Reader.ReadAllAsync(stopping))
        {
            try
            {
                await AnnounceAsync(stopping);
                _isRefused = false;
            }
            catch (Exception e) when (e is MqttLinkException or IOException)
            {
                _isRefused = e is MqttLinkException { MayPass: true };
                LogFailed(e.Message);
            }
        }
    }

    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        var now = announcements.Select(a => a.Topic).ToList();
        var before = File.Exists(file) ? UserFiles.ReadLines(file) : [];
        // Noted before they are published, so that none is forgotten where this is interrupted.
        Keep([.. before.Union(now)]);
        foreach (var announcement in announcements)
            await link.PublishAsync(announcement, cancellationToken);
        foreach (var topic in before.Except(now))
            await link.PublishAsync(new MqttMessage(topic, ReadOnlyMemory<byte>.Empty) { Retain = true }, cancellationToken);
        Keep(now);
    }

    private void Keep(List<string> topics)
    {
        if (topics.Count > 0)
            AtomicFile.Write(file, Encoding.UTF8.GetBytes(string.Join('\n', topics)));
        else
            UserFiles.Delete(file);
    }

    [LoggerMessage(720, LogLevel.Warning, "Home Assistant was not notified; it is tried again: {Why}")]
    private partial void LogFailed(string why);
}
