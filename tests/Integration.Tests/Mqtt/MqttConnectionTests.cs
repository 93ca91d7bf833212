using MrfAd.Station.Mqtt;
using MrfAd.Testing;
using static MrfAd.Integration.Tests.Mqtt.MessageText;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>Connecting, reconnecting, the will, and the reasons of failures.</summary>
public sealed class MqttConnectionTests
{
    private static readonly MqttMessage Will = Text("station/status", "gone") with { Retain = true };

    [Fact]
    public async Task A_cut_line_makes_the_broker_send_the_will_and_the_link_comes_back()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var proxy = new TcpProxy(broker.Port);
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "station/status");
        await using var station = await Peer.ConnectedAsync(proxy.Port, will: Will with { ContentType = "text/plain" });

        proxy.Cut();

        var received = await listener.NextAsync();
        Assert.Equal("gone", AsText(received));
        Assert.Equal("text/plain", received.ContentType);
        Assert.Contains($"127.0.0.1:{proxy.Port}", await station.LossAsync(), StringComparison.Ordinal);
        await station.ConnectionAsync();
        await station.PublishAsync("station/status", "back");
        Assert.Equal("back", AsText(await listener.NextAsync()));
    }

    [Fact]
    public async Task A_link_that_is_disposed_without_a_stop_leaves_its_will()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "station/status");
        var station = await Peer.ConnectedAsync(broker.Port, will: Will);

        await station.DisposeAsync();

        Assert.Equal("gone", AsText(await listener.NextAsync()));
    }

    [Fact]
    public async Task After_a_stop_there_is_no_will()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "station/#");
        await using var station = await Peer.ConnectedAsync(broker.Port, will: Will);

        await station.Link.StopAsync(Text("station/status", "bye"), CancellationToken.None);

        Assert.Equal("bye", AsText(await listener.NextAsync()));
        Assert.False(station.Link.IsConnected);
        // The broker handles its clients one after the other, so a will would have arrived before this message.
        await listener.PublishAsync("station/marker", "next");
        Assert.Equal("next", AsText(await listener.NextAsync()));
        Assert.Contains("disconnected.", broker.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Subscriptions_survive_a_broker_that_is_stopped_or_killed_and_comes_back(bool killed)
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "cmd/#");

        await (killed ? broker.KillAsync() : broker.StopAsync());
        await listener.LossAsync();
        Assert.False(listener.Link.IsConnected);
        await broker.StartAsync();
        await listener.ConnectionAsync();

        await using var sender = await Peer.ConnectedAsync(broker.Port);
        await sender.PublishAsync("cmd/trigger", "1");
        Assert.Equal("1", AsText(await listener.NextAsync()));
    }

    [Fact]
    public async Task A_link_that_starts_before_its_broker_connects_when_it_appears()
    {
        await using var broker = await MosquittoBroker.PrepareAsync();
        await using var peer = Peer.At(broker.Port);
        peer.Link.Start();
        Assert.Contains("refused", await peer.LossAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.False(peer.Link.IsConnected);

        await broker.StartAsync();
        await peer.ConnectionAsync();

        Assert.True(peer.Link.IsConnected);
        await peer.PublishAsync("a", "b");
    }

    [Fact]
    public async Task A_wrong_password_is_a_reason_that_does_not_reveal_it_and_a_corrected_file_is_read_again()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("password");
        await File.WriteAllTextAsync(file, "wrong-secret\n");
        await using var broker = await MosquittoBroker.StartNewAsync(users: new Dictionary<string, string> { ["station"] = "right-secret" });
        await using var peer = Peer.At(broker.Port, options: o => o with { Username = "station", PasswordFile = file });
        peer.Link.Start();

        var reason = await peer.LossAsync();
        Assert.Contains("not authorized", reason, StringComparison.OrdinalIgnoreCase);

        await File.WriteAllTextAsync(file, "right-secret\n");
        await peer.ConnectionAsync();
        Assert.DoesNotContain("secret", reason + peer.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_a_reason()
    {
        await using var peer = Peer.At(1883, options: o => o with { Host = "no-such-host.invalid" });
        peer.Link.Start();

        Assert.StartsWith("broker no-such-host.invalid:1883: the name 'no-such-host.invalid' cannot be resolved: ", await peer.LossAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("unforeseen", peer.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absent_password_file_is_named()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var peer = Peer.At(broker.Port, options: o => o with { Username = "station", PasswordFile = "/nowhere/password" });
        peer.Link.Start();

        Assert.Contains("'/nowhere/password'", await peer.LossAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_stays_away_is_logged_once_per_reason()
    {
        await using var peer = Peer.At(FreePort.Next());
        peer.Link.Start();

        for (var i = 0; i < 3; i++)
            await peer.LossAsync();

        Assert.Single(peer.Log.Lines);
    }

    [Fact]
    public async Task A_stop_is_quick_and_without_error_where_no_broker_is()
    {
        await using var peer = Peer.At(FreePort.Next());
        peer.Link.Start();
        await peer.LossAsync();

        await peer.Link.StopAsync(Text("station/status", "bye"), CancellationToken.None).WaitAsync(TestTimeout.Value);

        Assert.False(peer.Link.IsConnected);
    }
}
