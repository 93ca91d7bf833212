using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MQTTnet.Server;

namespace MrfAd.Cli.Demo;

/// <summary>
/// A small MQTT broker for the demo: on the loopback, without users, and what it retains is gone when it ends. A line wants a real one.
/// </summary>
public static class EmbeddedBroker
{
    public const string Host = "127.0.0.1";

    /// <summary>Begins the line that it prints when it takes clients; the port follows.</summary>
    public const string Listening = "broker on 127.0.0.1:";

    /// <summary>Serves until cancelled.</summary>
    /// <param name="started">Told the port that it listens on.</param>
    /// <exception cref="IOException">The port cannot be used.</exception>
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
