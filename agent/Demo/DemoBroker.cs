using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MrfAd.Agent.Demo;

/// <summary>The demo's own MQTT broker: the system's mosquitto on a free loopback port, with a configuration of its own.</summary>
public sealed class DemoBroker : IAsyncDisposable
{
    // Debian keeps it in sbin, which is not in a user's PATH.
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/usr/local/sbin"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ChildProcess _process;

    private DemoBroker(ChildProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public int ProcessId => _process.Id;

    /// <param name="folder">For its configuration and log.</param>
    /// <exception cref="IOException">It is not installed, or it does not run; the text says why.</exception>
    public static async Task<DemoBroker> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var executable = Folders.Select(f => Path.Combine(f, "mosquitto")).FirstOrDefault(File.Exists)
            ?? throw new IOException("mosquitto, the MQTT broker of the demo, is not installed (Debian, Ubuntu: apt-get install mosquitto)");
        var port = FreePort();
        var configuration = Path.Combine(folder, "mosquitto.conf");
        // 'user root': as root it would change its user, and then it could neither read its files nor be ended with us.
        await File.WriteAllLinesAsync(
            configuration,
            [string.Create(CultureInfo.InvariantCulture, $"listener {port} 127.0.0.1"), "allow_anonymous true", "persistence false", "user root", "log_dest stderr"],
            cancellationToken);
        var process = await ChildProcess.StartAsync(executable, ["-c", configuration], Path.Combine(folder, "mosquitto.log"));
        try
        {
            await process.LineAsync(line => line.EndsWith(" running", StringComparison.Ordinal), Patience, cancellationToken);
            return new DemoBroker(process, port);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="ChildProcess.WhileAliveAsync"/>
    public Task<T> WhileAliveAsync<T>(Task<T> work) => _process.WhileAliveAsync(work);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
