using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Docs;

/// <summary>A folder in which a reader of a guide works, with a broker on a free port and everything that was started there.</summary>
public sealed class Workplace : IAsyncDisposable
{
    /// <summary>The passphrase that the reader types where a command asks for one.</summary>
    public const string Passphrase = "a long one";

    /// <summary>The station of the guides, and its user at a broker that has users.</summary>
    public const string Station = "press";

    private readonly TemporaryFolder _folder = new();
    private readonly List<(ShellCommand Command, LastingCommand Rule)> _running = [];
    private readonly List<IAsyncDisposable> _peers = [];
    private readonly Dictionary<string, string> _environment;

    // The folder that the last command has left its shell in.
    private string _current;

    private Workplace(MosquittoBroker broker)
    {
        Broker = broker;
        _current = Folder;
        _environment = new() { ["LAST_FOLDER"] = At(".folder") };
        File.WriteAllText(At("mrfad"), $"#!/bin/sh\nexec '{Path.Combine(AppContext.BaseDirectory, "mrfad")}' \"$@\"\n");
        File.SetUnixFileMode(At("mrfad"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateSymbolicLink(At("devices"), Path.Combine(Repository.Root, "devices"));
    }

    public string Folder => _folder.Path;

    public MosquittoBroker Broker { get; }

    public string BrokerAddress => $"127.0.0.1:{Broker.Port}";

    /// <summary>The options of the user who gives commands, for the tools of mosquitto; empty where the broker knows no users.</summary>
    public string BrokerLogin { get; set; } = "";

    public string HttpAddress { get; } = $"127.0.0.1:{FreePort.Next()}";

    public string FileServerAddress { get; set; } = "";

    /// <summary>The id of a verdict that the station gave.</summary>
    public string VerdictId { get; set; } = "";

    public string PlcAddress { get; set; } = "";

    public string NodeModules { get; set; } = "";

    /// <summary>The standard output of the last command that has ended.</summary>
    public string LastOutput { get; private set; } = "";

    public static async Task<Workplace> CreateAsync(IReadOnlyDictionary<string, string>? users = null, string? accessRules = null) =>
        new(await MosquittoBroker.StartNewAsync(users, accessRules));

    /// <returns>The path of a file of the reader.</returns>
    public string At(string name) => Path.Combine(Folder, name);

    /// <summary>Writes the file of a station as a page has it, with the ports of this test, and images for a camera that is not there.</summary>
    public void WriteStation(string text)
    {
        var station = JsonNode.Parse(text.Replace("\"gige:4711\"", "\"folder:reference/good\"", StringComparison.Ordinal))!.AsObject();
        station["mqtt"] ??= new JsonObject();
        station["mqtt"]!["port"] = Broker.Port;
        station["http"] = new JsonObject { ["port"] = int.Parse(HttpAddress.Split(':')[1], CultureInfo.InvariantCulture) };
        if (BrokerLogin.Length > 0)
        {
            File.WriteAllText(At("mqtt-password"), Station);
            station["mqtt"]!["username"] = Station;
            station["mqtt"]!["password_file"] = "mqtt-password";
        }

        File.WriteAllText(At("station.json"), station.ToJsonString());
    }

    /// <summary>Keeps a peer of the commands until the end.</summary>
    public T Keep<T>(T peer)
        where T : IAsyncDisposable
    {
        _peers.Add(peer);
        return peer;
    }

    /// <summary>Runs a command to its end. A change of the folder stays, as in a terminal.</summary>
    public async Task<(int ExitCode, string Printed)> RunAsync(string line)
    {
        await using var command = ShellCommand.Start($"{line}\ncode=$?; pwd >\"$LAST_FOLDER\"; exit $code", _current, _environment, Passphrase + "\n");
        var code = await command.ExitAsync();
        _current = (await File.ReadAllTextAsync(At(".folder"))).TrimEnd();
        LastOutput = command.Output;
        return (code, command.Printed);
    }

    /// <summary>Runs a command of the preparation, which must succeed.</summary>
    public async Task PrepareAsync(string line)
    {
        var (code, printed) = await RunAsync(line);
        Assert.True(code == 0, $"the preparation '{line}' ended with {code}:\n{printed}");
    }

    /// <summary>Sends an image to the station over HTTP; its verdict is the last output.</summary>
    public async Task InspectAsync(string image, string id)
    {
        using var client = new HttpClient();
        using var body = new ByteArrayContent(await File.ReadAllBytesAsync(At(image)));
        using var verdict = await client.PostAsync($"http://{HttpAddress}/inspect?id={id}", body);
        LastOutput = await verdict.Content.ReadAsStringAsync();
        Assert.True(verdict.IsSuccessStatusCode, LastOutput);
    }

    /// <summary>Starts a command that goes on until it is stopped, in a terminal of its own, and waits until it is ready.</summary>
    /// <param name="folder">The folder to start it in; null for the current one.</param>
    public async Task<ShellCommand> StartAsync(string line, LastingCommand rule, string? folder = null)
    {
        var command = ShellCommand.Start($"exec {line.TrimEnd('&', ' ')}", folder ?? _current, _environment, "");
        _running.Add((command, rule));
        await command.PrintedAsync(new Regex(rule.Ready));
        if (Regex.Match(line, "^mosquitto_sub .*-t '([^']+)'") is { Success: true } subscription)
            await Broker.LoggedAsync($" {subscription.Groups[1].Value}");
        return command;
    }

    /// <summary>Stops what is running, the last one first.</summary>
    public async Task StopAsync()
    {
        foreach (var (command, rule) in Enumerable.Reverse(_running).ToList())
        {
            await command.PrintedAsync(new Regex(rule.AtTheEnd));
            var code = await command.StopAsync();
            Assert.True(code == rule.ExitCode, $"'{command.Line}' was stopped and ended with {code}:\n{command.Printed}");
            await command.DisposeAsync();
            _running.Remove((command, rule));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (command, _) in _running)
            await command.DisposeAsync();
        foreach (var peer in Enumerable.Reverse(_peers))
            await peer.DisposeAsync();
        await Broker.DisposeAsync();
        _folder.Dispose();
    }
}
