using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace MrfAd.Testing;

/// <summary>Runs Debian's Prometheus on a free loopback port, which scrapes one target with the rules that ship.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private const string Executable = "/usr/bin/prometheus";

    private static TimeSpan WaitTimeout => TestTimeout.Value;

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private readonly StringBuilder _log = new();
    private readonly Process _process;

    private PrometheusServer(Uri target)
    {
        var port = FreePort.Next();
        File.Copy(Path.Combine(Repository.Root, "prometheus/mrfad.rules.yml"), _folder.File("mrfad.rules.yml"));
        var config = File.ReadAllText(Path.Combine(Repository.Root, "prometheus/prometheus.yml"))
            .Replace("127.0.0.1:9464", target.Authority, StringComparison.Ordinal)
            .Replace("_interval: 5s", "_interval: 200ms", StringComparison.Ordinal)
            .Replace("_interval: 15s", "_interval: 200ms", StringComparison.Ordinal);
        File.WriteAllText(_folder.File("prometheus.yml"), config);
        _http.BaseAddress = new Uri($"http://127.0.0.1:{port}");
        _process = Process.Start(new ProcessStartInfo(
            Executable,
            ["--enable-feature=exemplar-storage", $"--config.file={_folder.File("prometheus.yml")}", $"--storage.tsdb.path={_folder.File("data")}", $"--web.listen-address=127.0.0.1:{port}"])
        {
            RedirectStandardError = true,
        })!;
        _process.ErrorDataReceived += (_, line) => _log.AppendLine(line.Data);
        _process.BeginErrorReadLine();
    }

    /// <param name="target">The address whose <c>/metrics</c> is scraped.</param>
    public static async Task<PrometheusServer> StartAsync(Uri target)
    {
        Requires.Program(Executable, package: "prometheus");
        var server = new PrometheusServer(target);
        await server.UntilAsync(async () => (await server._http.GetAsync("/-/ready")).IsSuccessStatusCode);
        return server;
    }

    /// <returns>The labels and values of the samples of an instant query.</returns>
    /// <exception cref="InvalidOperationException">The expression is no query.</exception>
    public async Task<IReadOnlyList<(IReadOnlyDictionary<string, string> Labels, string Value)>> QueryAsync(string expression)
    {
        using var answer = JsonDocument.Parse(await (await _http.GetAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}")).Content.ReadAsStringAsync());
        if (answer.RootElement.GetProperty("status").GetString() != "success")
            throw new InvalidOperationException($"{expression}: {answer.RootElement.GetProperty("error").GetString()}");
        return [.. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(sample => (
            (IReadOnlyDictionary<string, string>)sample.GetProperty("metric").EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString()!),
            sample.GetProperty("value")[1].GetString()!))];
    }

    /// <returns>The verdict ids that are exemplars of a series, as soon as there are any.</returns>
    public async Task<IReadOnlyList<string>> ExemplarsAsync(string series)
    {
        List<string> verdicts = [];
        await UntilAsync(async () =>
        {
            using var answer = JsonDocument.Parse(await _http.GetStringAsync($"/api/v1/query_exemplars?query={Uri.EscapeDataString(series)}&start=0&end=9999999999"));
            verdicts = [.. answer.RootElement.GetProperty("data").EnumerateArray().SelectMany(s => s.GetProperty("exemplars").EnumerateArray())
                .Select(e => e.GetProperty("labels").GetProperty("verdict_id").GetString()!).Distinct()];
            return verdicts.Count > 0;
        });
        return verdicts;
    }

    /// <returns>The samples of a query, as soon as there are any.</returns>
    public async Task<IReadOnlyList<(IReadOnlyDictionary<string, string> Labels, string Value)>> UntilAsync(string expression)
    {
        IReadOnlyList<(IReadOnlyDictionary<string, string>, string)> samples = [];
        await UntilAsync(async () => (samples = await QueryAsync(expression)).Count > 0);
        return samples;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
        _folder.Dispose();
    }

    private async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var timeout = new CancellationTokenSource(WaitTimeout);
        while (true)
        {
            try
            {
                if (await holds())
                    return;
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                // Not listening yet.
            }

            if (timeout.IsCancellationRequested || _process.HasExited)
                throw new TimeoutException($"Prometheus: {_log}");
            await Task.Delay(50, CancellationToken.None);
        }
    }
}
