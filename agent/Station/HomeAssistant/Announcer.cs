using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Platform;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.HomeAssistant;

/// <summary>Announces the station after each connect, and takes back what an earlier run announced and this one does not: all of it, where turned off.</summary>
/// <param name="announcements">None where turned off.</param>
/// <param name="file">The topics that hold an announcement of ours, a line each; absent: none.</param>
public sealed partial class Announcer(
    IReadOnlyList<MqttMessage> announcements, string file, IMqttLink link, BrokerConnection broker, StationHealth health, ILogger<Announcer> log) : Worker(health)
{
    private readonly Channel<bool> _connects = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        broker.Connected += () => _connects.Writer.TryWrite(true);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken stopping)
    {
        await foreach (var _ in _connects.Reader.ReadAllAsync(stopping))
        {
            try
            {
                await AnnounceAsync(stopping);
            }
            catch (Exception e) when (e is MqttLinkException or IOException)
            {
                LogFailed(e.Message);
            }
        }
    }

    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        var now = announcements.Select(a => a.Topic).ToList();
        var before = File.Exists(file) ? UserFiles.ReadLines(file) : [];
        // Known to be out before they are: nothing is forgotten where this is cut off.
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

    [LoggerMessage(720, LogLevel.Warning, "Home Assistant was not told; it is tried again at the next connect: {Why}")]
    private partial void LogFailed(string why);
}
