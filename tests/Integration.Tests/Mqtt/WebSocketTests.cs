using System.Text.Json.Nodes;
using MrfAd.Agent.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>A dashboard in a browser hears us over WebSockets; npm mqtt is the dashboard.</summary>
public sealed class WebSocketTests
{
    [Fact]
    public async Task What_we_publish_over_tcp_is_heard_over_web_sockets_with_its_properties()
    {
        await using var broker = await MosquittoBroker.StartNewAsync(webSockets: true);
        await using var station = await Peer.ConnectedAsync(broker.Port);
        await station.PublishAsync(new MqttMessage("line/state", """{"state":"Ready"}"""u8.ToArray()) { Retain = true, ContentType = "application/json", UserProperties = [new("id", "7")] });

        var heard = JsonNode.Parse(await NodeScript.RunAsync("websocket.cjs", "", $"ws://127.0.0.1:{broker.WebSocketPort}", "line/#"))!;

        Assert.Equal("line/state", (string?)heard["topic"]);
        Assert.Equal("""{"state":"Ready"}""", (string?)heard["text"]);
        Assert.Equal("application/json", (string?)heard["type"]);
        Assert.Equal("7", (string?)heard["user"]!["id"]);
    }
}
