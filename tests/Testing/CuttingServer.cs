using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MrfAd.Testing;

/// <summary>An HTTP server for one file and its <c>.sig</c> that announces the whole length and closes the connection after a part.</summary>
public sealed class CuttingServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _path;
    private readonly bool _ranges;
    private readonly Task _serving;
    private int _cut;

    /// <param name="ranges">True where the server supports Range requests.</param>
    public CuttingServer(string path, bool ranges)
    {
        (_path, _ranges) = (path, ranges);
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/{Path.GetFileName(_path)}";

    /// <summary>The number of bytes after which an answer is cut off; without Range support every second answer is complete.</summary>
    public int MaxBytes { get; init; } = int.MaxValue;

    /// <summary>True where every second connection is reset instead of closed.</summary>
    public bool Resets { get; init; }

    public int Answers { get; private set; }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            await AnswerAsync(client.GetStream());
            if (Resets && Answers % 2 == 0)
                client.Client.Close(0);
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var reader = new StreamReader(stream, Encoding.ASCII);
        var (wanted, from) = ((await reader.ReadLineAsync())?.Split(' ')[1] ?? "", 0);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                from = int.Parse(line["Range: bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
        }

        Answers++;
        var bytes = await File.ReadAllBytesAsync(wanted.EndsWith(".sig", StringComparison.Ordinal) ? _path + ".sig" : _path);
        var part = _ranges ? bytes[from..] : bytes;
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(_ranges && from > 0 ? "206 Partial Content" : "200 OK")}\r\nContent-Length: {part.Length}\r\nConnection: close\r\n\r\n"));
        var isCut = !wanted.EndsWith(".sig", StringComparison.Ordinal) && (_ranges || _cut++ % 2 == 0);
        await stream.WriteAsync(isCut ? part.AsMemory(0, Math.Min(MaxBytes, part.Length)) : part);
    }
}
