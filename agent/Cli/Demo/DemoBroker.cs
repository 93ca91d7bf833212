using System.Globalization;

namespace MrfAd.Cli.Demo;

/// <summary>The demo's MQTT broker: <c>mrfad broker</c> in a process of its own, or an existing one.</summary>
public sealed class DemoBroker : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly ChildProcess? _process;

    private DemoBroker(ChildProcess? process, string host, int port) => (_process, Host, Port) = (process, host, port);

    public string Host { get; }

    public int Port { get; }

    /// <summary>The id of the broker's process; null if the demo did not start it.</summary>
    public int? ProcessId => _process?.Id;

    /// <param name="host">Host name of a broker that is already running.</param>
    /// <param name="port">Its TCP port.</param>
    public static DemoBroker At(string host, int port) => new(null, host, port);

    /// <param name="folder">Folder for the broker's log.</param>
    /// <exception cref="IOException">The broker did not start; the text says why.</exception>
    public static async Task<DemoBroker> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var process = await ChildProcess.StartSelfAsync(["broker"], Path.Combine(folder, "broker.log"));
        try
        {
            var line = await process.LineAsync(l => l.StartsWith(EmbeddedBroker.Listening, StringComparison.Ordinal), StartTimeout, cancellationToken);
            return new DemoBroker(process, EmbeddedBroker.Host, int.Parse(line.AsSpan(EmbeddedBroker.Listening.Length), NumberStyles.None, CultureInfo.InvariantCulture));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="ChildProcess.WhileAliveAsync"/>
    public Task<T> WhileAliveAsync<T>(Task<T> work) => _process?.WhileAliveAsync(work) ?? work;

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
