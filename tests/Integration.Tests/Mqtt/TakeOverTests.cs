using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>Two clients with one client id, of which the broker disconnects the older.</summary>
public sealed class TakeOverTests
{
    private const byte SessionTakenOver = 0x8E;

    // Longer than the time for which each of the two is connected, on a machine under load too.
    private static readonly Func<MqttOptions, MqttOptions> OneId = o => o with { ClientId = "press", ReconnectDelay = TimeSpan.FromSeconds(1), ReconnectDelayMax = TimeSpan.FromSeconds(30) };

    [Theory]
    [InlineData(MqttProtocol.Mqtt5)]
    [InlineData(MqttProtocol.Mqtt311)]
    public async Task Two_clients_with_one_id_recognise_each_other_and_come_back_less_and_less_often(MqttProtocol protocol)
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var one = Peer.At(broker.Port, options: o => OneId(o) with { Protocol = protocol });
        await using var other = Peer.At(broker.Port, options: o => OneId(o) with { Protocol = protocol });
        one.Link.Start();
        other.Link.Start();

        var problems = await Task.WhenAny(one.ProblemsAsync(p => p.ClientIdConflict is not null), other.ProblemsAsync(p => p.ClientIdConflict is not null));

        Assert.Contains("another client may use the client id 'press'", (await problems).ClientIdConflict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_says_so_is_believed_and_its_words_are_passed_on()
    {
        await using var broker = new ScriptedBroker(_ => 0);
        broker.Start();
        await using var station = Peer.At(broker.Port, options: OneId);
        station.Link.Start();
        await station.ConnectionAsync();

        await broker.DisconnectAsync(SessionTakenOver, "by 10.0.0.7");
        Assert.Contains("another client has connected with our client id (session taken over (by 10.0.0.7)", await station.LossAsync(), StringComparison.Ordinal);
        await station.ConnectionAsync();
        await broker.DisconnectAsync(SessionTakenOver, "by 10.0.0.7");

        var problems = await station.ProblemsAsync(p => p.ClientIdConflict is not null);
        Assert.Contains("another client uses the client id 'press'", problems.ClientIdConflict, StringComparison.Ordinal);
        await station.ConnectionAsync();
    }

    [Fact]
    public async Task A_client_that_comes_back_before_the_broker_has_missed_it_is_not_taken_for_another()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var proxy = new TcpProxy(broker.Port);
        // The line falls silent: the broker holds the connection of the first for alive.
        await using var before = Peer.At(proxy.Port, options: OneId);
        before.Link.Start();
        await before.ConnectionAsync();
        proxy.Hold();
        await using var after = Peer.At(broker.Port, options: OneId);
        after.Link.Start();
        await after.ConnectionAsync();
        await broker.LoggedAsync("already connected, closing old connection");

        await after.PublishAsync("a", "b");

        Assert.True(after.Link.IsConnected);
        Assert.Single(after.Log.Lines);
        Assert.Contains("connected to the broker", after.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_again_and_again_is_not_taken_for_another()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        for (var i = 0; i < 5; i++)
        {
            // Disposed of without a disconnect packet, as a process that is killed.
            await using var station = Peer.At(broker.Port, options: OneId);
            station.Link.Start();
            await station.ConnectionAsync();
            Assert.Single(station.Log.Lines);
        }
    }
}
