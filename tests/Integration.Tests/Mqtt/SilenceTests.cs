using System.Net;
using System.Net.Sockets;
using MrfAd.Agent.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>A broker that says nothing is no broker; these take as long as the shortest keep-alive allows.</summary>
public sealed class SilenceTests
{
    private static readonly Func<MqttOptions, MqttOptions> Impatient = o => o with { KeepAlive = TimeSpan.FromSeconds(5) };

    [Fact]
    public async Task A_line_that_falls_silent_is_noticed_and_a_waiting_message_fails()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var proxy = new TcpProxy(broker.Port);
        await using var station = Peer.At(proxy.Port, options: Impatient);
        station.Link.Start();
        await station.ConnectionAsync();
        proxy.Hold();

        var publishing = station.PublishAsync("line/verdict", "?");

        await station.LossAsync();
        Assert.False(station.Link.IsConnected);
        Assert.Equal(MqttFailure.Lost, (await Assert.ThrowsAsync<MqttLinkException>(() => publishing)).Failure);
    }

    [Fact]
    public async Task A_host_that_takes_the_connection_and_says_nothing_is_given_up()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var station = Peer.At(((IPEndPoint)silent.LocalEndpoint).Port, options: Impatient);
        station.Link.Start();

        await station.LossAsync();
        Assert.False(station.Link.IsConnected);
    }
}
