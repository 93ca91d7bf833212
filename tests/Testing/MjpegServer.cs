using System.Net;
using System.Net.Sockets;
using System.Text;
using MrfAd.Engine.Images;

namespace MrfAd.Testing;

/// <summary>An HTTP server on a free loopback port that sends JPEG images of one colour without end, as network cameras do (multipart/x-mixed-replace).</summary>
public sealed class MjpegServer : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _jpeg;
    private readonly string? _credentials;
    private readonly SemaphoreSlim? _allowed;
    private readonly Task _run;
    private TaskCompletionSource _frozen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="credentials">The credentials NAME:PASSWORD that are required; null means none.</param>
    /// <param name="allowed">Each release lets the server send one image; null sends twenty a second.</param>
    public MjpegServer(int width, int height, (byte Red, byte Green, byte Blue) colour, string? credentials = null, SemaphoreSlim? allowed = null)
    {
        using var image = new Image(width, height, 3);
        for (var i = 0; i < image.Bytes.Length; i += 3)
            (image.Bytes[i], image.Bytes[i + 1], image.Bytes[i + 2]) = colour;
        (_jpeg, _credentials, _allowed) = (ImageCodec.Encode(image, ImageFormat.Jpeg), credentials, allowed);
        _listener.Start();
        _run = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => $"http://127.0.0.1:{Port}/video?camera=1";

    /// <summary>Keeps connections open and sends nothing more on them, until <see cref="Thaw"/>.</summary>
    public void Freeze() => _frozen.TrySetResult();

    /// <summary>Sends images again on connections that are made from now on.</summary>
    public void Thaw() => _frozen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var clients = new List<Task>();
        try
        {
            while (true)
                clients.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                var granted = _credentials is null;
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
                    granted |= line == $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(_credentials ?? ""))}";
                var head = granted
                    ? "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\nCache-Control: no-cache\r\n\r\n"
                    : "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"camera\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
                var frozen = _frozen.Task;
                while (granted && !frozen.IsCompleted)
                {
                    if (_allowed is not null)
                        await _allowed.WaitAsync(_stop.Token);
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {_jpeg.Length}\r\n\r\n"), _stop.Token);
                    await stream.WriteAsync(_jpeg, _stop.Token);
                    await stream.WriteAsync("\r\n"u8.ToArray(), _stop.Token);
                    if (_allowed is null)
                        await Task.WhenAny(frozen, Task.Delay(Pause, _stop.Token));
                }

                if (granted)
                    await Task.Delay(Timeout.Infinite, _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has disconnected, or the test is over.
        }
    }
}
