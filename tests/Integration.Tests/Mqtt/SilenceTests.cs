using System.Net;
using System.Net.Sockets;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>A broker that does not respond counts as disconnected; each test takes as long as the shortest keep-alive.</summary>
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
    public async Task A_broker_that_falls_silent_is_noticed_also_while_we_send()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var proxy = new TcpProxy(broker.Port);
        await using var station = Peer.At(proxy.Port, options: Impatient);
        station.Link.Start();
        await station.ConnectionAsync();
        proxy.Hold();
        using var stop = new CancellationTokenSource();
        var sending = Task.Run(async () =>
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            while (!stop.IsCancellationRequested && station.Link.IsConnected && await pace.WaitForNextTickAsync())
                await station.PublishAsync(new MqttMessage("heartbeat", ReadOnlyMemory<byte>.Empty) { Qos = 0 });
        });

        Assert.Contains("no answer in 5 s", await station.LossAsync(), StringComparison.Ordinal);
        await stop.CancelAsync();
        await Task.WhenAny(sending);
    }

    [Fact]
    public async Task A_message_that_a_broker_never_acknowledges_does_not_wait_for_ever()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = AnswerAllButPublishesAsync(listener);
        await using var station = Peer.At(((IPEndPoint)listener.LocalEndpoint).Port, options: Impatient);
        station.Link.Start();
        await station.ConnectionAsync();

        var failure = await Assert.ThrowsAsync<MqttLinkException>(() => station.Link.PublishAsync(new MqttMessage("line/verdict", ReadOnlyMemory<byte>.Empty), CancellationToken.None).WaitAsync(TestTimeout.Value * 2));

        Assert.Equal(MqttFailure.Lost, failure.Failure);
        Assert.Contains("the broker did not acknowledge in 20 s", failure.Message, StringComparison.Ordinal);
        Assert.Contains("a message was not acknowledged in 20 s", await station.LossAsync(), StringComparison.Ordinal);
        listener.Stop();
        await Task.WhenAny(answering);
    }

    [Fact]
    public async Task A_broker_that_sends_messages_is_not_silent_though_the_answer_to_a_ping_comes_late()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var station = Peer.At(((IPEndPoint)listener.LocalEndpoint).Port, options: Impatient);
        station.Listen("line/part");
        station.Link.Start();
        using var broker = await listener.AcceptTcpClientAsync();
        var stream = broker.GetStream();
        await ReadAsync(stream);
        await stream.WriteAsync(new byte[] { 0x20, 3, 0, 0, 0 }); // CONNACK, no properties
        var subscribe = await ReadAsync(stream);
        await stream.WriteAsync(new byte[] { 0x90, 4, subscribe[0], subscribe[1], 0, 1 }); // SUBACK, QoS 1
        await station.ConnectionAsync();

        byte[] publish = [0x30, 12, 0, 9, .. "line/part"u8, 0];
        for (var second = 0; second < 12; second++)
        {
            Assert.True(station.Link.IsConnected, $"lost in second {second}: {station.Log.Text}");
            await stream.WriteAsync(publish);
            await station.NextAsync();
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        Assert.Contains("no answer in 5 s", await station.LossAsync(), StringComparison.Ordinal);
    }

    /// <summary>A broker that accepts every client and answers its pings, and no more. All of these packets are shorter than 128 bytes.</summary>
    private static async Task AnswerAllButPublishesAsync(TcpListener listener)
    {
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            var header = new byte[2];
            while (await stream.ReadAtLeastAsync(header, 2, throwOnEndOfStream: false) == 2)
            {
                await stream.ReadExactlyAsync(new byte[header[1]]);
                if (header[0] == 0x10)
                    await stream.WriteAsync(new byte[] { 0x20, 3, 0, 0, 0 }); // CONNACK, no properties
                else if (header[0] == 0xC0)
                    await stream.WriteAsync(new byte[] { 0xD0, 0 }); // PINGRESP
            }
        }
    }

    /// <returns>The next packet of less than 128 bytes, without its header.</returns>
    private static async Task<byte[]> ReadAsync(NetworkStream stream)
    {
        var header = new byte[2];
        await stream.ReadExactlyAsync(header);
        var body = new byte[header[1]];
        await stream.ReadExactlyAsync(body);
        return body;
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
