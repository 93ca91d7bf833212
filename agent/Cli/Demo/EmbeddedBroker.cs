using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MQTTnet.Server;

namespace MrfAd.Cli.Demo;

/// <summary>
/// A small MQTT broker for the demo. It listens on the loopback interface only, has no users, and keeps nothing when it ends; production lines need a real broker.
/// </summary>
public static class EmbeddedBroker
{
    public const string Host = "127.0.0.1";

    /// <summary>Start of the line that the broker prints when it accepts clients; the port follows.</summary>
    public const string Listening = "broker on 127.0.0.1:";

    /// <summary>Runs the broker until cancelled.</summary>
    /// <param name="started">Called with the TCP port that the broker listens on.</param>
    /// <exception cref="IOException">The broker cannot listen on the port.</exception>
    public static async Task RunAsync(Action<int> started, CancellationToken cancellationToken)
    {
        var port = FreePort();
        using var server = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .WithDefaultEndpointPort(port)
            .WithPersistentSessions()
            .Build());
        try
        {
            await server.StartAsync();
        }
        catch (SocketException e)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"cannot listen on {Host}:{port}: {e.Message}"), e);
        }

        started(port);
        var stopped = new TaskCompletionSource();
        await using var stop = cancellationToken.Register(stopped.SetResult);
        await stopped.Task;
        await server.StopAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
