using System.Diagnostics;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>Interoperation with mosquitto's command-line clients in both directions.</summary>
public sealed class ForeignClientTests
{
    [Fact]
    public async Task A_foreign_client_reads_our_message_with_all_its_properties()
    {
        RequireClients();
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var sender = await Peer.ConnectedAsync(broker.Port);
        await sender.PublishAsync(new MqttMessage("line/1", "{}"u8.ToArray())
        {
            Retain = true,
            ContentType = "application/json",
            ResponseTopic = "reply/1",
            CorrelationData = "abc"u8.ToArray(),
            UserProperties = [new("id", "7")],
        });

        var read = await RunAsync("mosquitto_sub", "-p", $"{broker.Port}", "-V", "5", "-t", "line/#", "-C", "1", "-F", "%t %p %r %C %R %D %P");

        Assert.Equal("line/1 {} 1 application/json reply/1 abc id:7\n", read);
    }

    [Fact]
    public async Task We_read_a_foreign_message_with_all_its_properties()
    {
        RequireClients();
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "cmd/+");

        await RunAsync(
            "mosquitto_pub", "-p", $"{broker.Port}", "-V", "5", "-q", "1", "-t", "cmd/trigger", "-m", "{}",
            "-D", "publish", "content-type", "application/json", "-D", "publish", "response-topic", "reply/1",
            "-D", "publish", "correlation-data", "abc", "-D", "publish", "message-expiry-interval", "60", "-D", "publish", "user-property", "id", "7");

        var message = await listener.NextAsync();
        Assert.Equal("{}"u8.ToArray(), message.Payload.ToArray());
        Assert.Equal("application/json", message.ContentType);
        Assert.Equal("reply/1", message.ResponseTopic);
        Assert.Equal("abc"u8.ToArray(), message.CorrelationData.ToArray());
        Assert.Equal(TimeSpan.FromSeconds(60), message.Expiry);
        Assert.Equal([new("id", "7")], message.UserProperties);
    }

    private static void RequireClients() =>
        Requires.Program("/usr/bin/mosquitto_sub", package: "mosquitto-clients");

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TestTimeout.Value);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
