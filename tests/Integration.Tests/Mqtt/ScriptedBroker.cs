using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>
/// A broker for MQTT 5 that gives the answers of the test, for reason codes that mosquitto never sends. It delivers no messages. Topics and packets are short.
/// </summary>
/// <param name="acknowledge">Returns the reason code of the acknowledgement of a message; its argument is the topic.</param>
internal sealed class ScriptedBroker(Func<string, byte> acknowledge) : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _published = new();
    private readonly ConcurrentDictionary<TcpClient, byte> _clients = new();
    private Task _accepting = Task.CompletedTask;
    private int _connects;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The number of connections that were accepted.</summary>
    public int Connects => Volatile.Read(ref _connects);

    /// <summary>The topics of the messages that were accepted, in order.</summary>
    public IReadOnlyList<string> Published => [.. _published];

    public void Start()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Disconnects all clients with a reason code and a reason string.</summary>
    public async Task DisconnectAsync(byte code, string reason)
    {
        var text = Encoding.UTF8.GetBytes(reason);
        byte[] packet = [0xE0, (byte)(text.Length + 5), code, (byte)(text.Length + 3), 0x1F, 0, (byte)text.Length, .. text];
        foreach (var client in _clients.Keys)
        {
            await client.GetStream().WriteAsync(packet);
            client.Client.Shutdown(SocketShutdown.Send);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (var client in _clients.Keys)
            client.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        while (true)
            _ = ServeAsync(await _listener.AcceptTcpClientAsync());
    }

    private async Task ServeAsync(TcpClient client)
    {
        _clients[client] = 0;
        try
        {
            var stream = client.GetStream();
            while (await ReadAsync(stream) is var (kind, body))
            {
                if (Answer(kind, body) is { } answer)
                    await stream.WriteAsync(answer);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The client, or the test, has closed the connection.
        }

        _clients.TryRemove(client, out _);
        client.Dispose();
    }

    private byte[]? Answer(int kind, byte[] body)
    {
        switch (kind)
        {
            case 1: // CONNECT
                Interlocked.Increment(ref _connects);
                return [0x20, 3, 0, 0, 0];
            case 3: // PUBLISH of QoS 1
                var length = (body[0] << 8) | body[1];
                var topic = Encoding.UTF8.GetString(body, 2, length);
                var code = acknowledge(topic);
                if (code < 0x80)
                    _published.Enqueue(topic);
                return [0x40, 4, body[2 + length], body[3 + length], code, 0];
            case 8: // SUBSCRIBE to one filter
                return [0x90, 4, body[0], body[1], 0, 1];
            case 12: // PINGREQ
                return [0xD0, 0];
            default:
                return null;
        }
    }

    private static async Task<(int Kind, byte[] Body)?> ReadAsync(NetworkStream stream)
    {
        var one = new byte[1];
        if (await stream.ReadAtLeastAsync(one, 1, throwOnEndOfStream: false) == 0)
            return null;
        var (kind, length, shift) = (one[0] >> 4, 0, 0);
        do
        {
            await stream.ReadExactlyAsync(one);
            length |= (one[0] & 127) << shift;
            shift += 7;
        }
        while (one[0] >= 128);
        var body = new byte[length];
        await stream.ReadExactlyAsync(body);
        return (kind, body);
    }
}
