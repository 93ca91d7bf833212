using System.CommandLine;
using MrfAd.Cli.Security;
using MrfAd.Cli.Terminal;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad secure</c>: writes the tokens, keys, passwords and broker files of a station, and says what is left to do.</summary>
internal static class SecureCommand
{
    private static readonly Option<string> Folder = new("--out", "-o") { Description = "The folder for all files; the owner alone may read it.", HelpName = "DIR", DefaultValueFactory = _ => "secure" };

    private static readonly Option<string[]> Hosts = new("--host") { Description = "A further name or address by which clients call the broker, beside mqtt.host; may be given several times.", HelpName = "NAME", DefaultValueFactory = _ => [] };

    private static readonly Option<string> BrokerFolder = new("--broker-folder") { Description = "The folder in which mosquitto will find its files.", HelpName = "DIR", DefaultValueFactory = _ => "/etc/mosquitto/mrfad" };

    private static readonly Option<int> Port = new("--port") { Description = "The broker's port for TLS.", DefaultValueFactory = _ => 8883 };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Write nothing; say what would be written." };

    private static readonly Option<string?> Passphrase = new("--passphrase-file") { Description = "A file that holds a passphrase alone, which encrypts the private key; without it the key is stored as it is.", HelpName = "FILE" };

    public static Command Create(TimeProvider clock)
    {
        var command = new ExampleCommand(
            "secure",
            """
            Makes a station's connections safe, as far as its configuration does not do so: tokens for dashboard and uploads, a key that signs
            commands, passwords, a certificate and an access list for a mosquitto. Writes them into a folder, never over a file that is there, and says
            which steps are yours.
            """,
            "mrfad secure --config station.json")
        {
            ConfigOptions.Config, ConfigOptions.Device, Folder, Hosts, BrokerFolder, Port, Passphrase, DryRun,
        };
        command.SetAction(parsed =>
        {
            var (options, config) = (ConfigOptions.Load(parsed), Path.GetFullPath(parsed.GetRequiredValue(ConfigOptions.Config)));
            foreach (var host in parsed.GetRequiredValue(Hosts).Where(host => Uri.CheckHostName(host) is UriHostNameType.Unknown or UriHostNameType.Basic))
                throw new UsageException($"{Hosts.Name}: want a name or an address without port, got '{host}'");
            if (parsed.GetValue(Port) is var port and (< 1 or > 65535))
                throw new UsageException($"{Port.Name}: want 1 to 65535, got {port}");
            var place = new BrokerPlace(parsed.GetRequiredValue(BrokerFolder), parsed.GetValue(Port));
            var folder = new SecureFolder(Path.GetFullPath(parsed.GetRequiredValue(Folder)), parsed.GetValue(DryRun));
            var security = new StationSecurity(options, Path.GetDirectoryName(config)!, folder, place, clock);
            try
            {
                security.Write(parsed.GetRequiredValue(Hosts), PassphraseOf(parsed));
            }
            catch (ArgumentException e)
            {
                throw new UsageException(e.Message);
            }

            foreach (var file in folder.Files)
                Console.WriteLine($"{(!file.IsWritten ? "kept" : folder.IsDryRun ? "missing" : "written")}  {folder.File(file.Name)}: {file.What}");
            Console.WriteLine("\nLeft to do:");
            foreach (var (i, step) in Steps(security, folder, config, place.Folder, options).Index())
                Console.WriteLine($"{i + 1}. {step}");
            return ExitCode.Done;
        });
        return command;
    }

    private static string? PassphraseOf(ParseResult parsed)
    {
        if (parsed.GetValue(Passphrase) is not { } file)
            return null;
        var passphrase = UserFiles.ReadText(file).TrimEnd('\r', '\n');
        return passphrase.Length > 0 ? passphrase : throw new UsageException($"{Passphrase.Name}: the passphrase is empty");
    }

    private static IEnumerable<string> Steps(StationSecurity security, SecureFolder folder, string config, string brokerFolder, StationOptions options)
    {
        yield return $"""
            On the broker's machine ({options.Mqtt.Host}), give mosquitto its files:
                 sudo install -d -o mosquitto -m 700 {brokerFolder}
                 sudo install -o mosquitto -m 600 {string.Join(' ', security.BrokerFiles.Select(folder.File))} {brokerFolder}
                 sudo install -m 644 {folder.File(StationSecurity.BrokerConfig)} /etc/mosquitto/conf.d/mrfad.conf
            """;
        yield return "Restart the broker: sudo systemctl restart mosquitto. Where it serves others already, add their users to its password file and access list first: from now on nobody connects without a name.";
        if (folder.Files.Any(file => file.Name == StationSecurity.Settings))
            yield return $"Put {folder.File(StationSecurity.Settings)} into {config}, then: mrfad check --config {config}. Restart the station.";
        if (security.HasKey)
            yield return $"Move {folder.File(AccessList.Office + ".key")} to the engineer who signs commands, off this machine: who has it may change how parts are judged. The station needs {AccessList.Office}.pub alone.";
        yield return $"Give their passwords and the broker's authority to the line, dashboards and the office: {string.Join(", ", ((string[])[AccessList.Line, AccessList.Dashboard, AccessList.Office]).Select(user => folder.File(StationSecurity.PasswordOf(user))))}.";
        if (!options.Http.Address.StartsWith("127.", StringComparison.Ordinal))
            yield return $"http.address is {options.Http.Address}, and HTTP has no TLS of its own: put a proxy with TLS before it, or tokens are read on the way.";
    }
}
