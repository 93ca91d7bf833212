using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary>The options of commands that reach a station through its MQTT broker.</summary>
/// <param name="isStationRequired">False where the broker can be of use without a station.</param>
internal sealed class BrokerOptions(bool isStationRequired = true)
{
    private readonly Option<string> _station = new("--station", "-s") { Description = "The station's name: site/line/station.", Required = isStationRequired, HelpName = "NAME" };
    private readonly Option<string> _broker = new("--broker", "-b") { Description = "The station's MQTT broker: host or host:port.", DefaultValueFactory = _ => "127.0.0.1:1883", HelpName = "HOST" };
    private readonly Option<string?> _camera = new("--camera") { Description = "A camera with a detector of its own; default: the station's detector.", HelpName = "NAME" };
    private readonly Option<string?> _product = new("--product") { Description = "The product whose model is meant; needed where the station has products.", HelpName = "NAME" };
    private readonly Option<string?> _user = new("--username") { Description = "User name for the broker." };
    private readonly Option<string?> _password = new("--password-file") { Description = "A file that holds the broker's password alone.", HelpName = "FILE" };
    private readonly Option<bool> _tls = new("--tls") { Description = "Encrypt the connection; the default port is then 8883." };
    private readonly Option<string?> _ca = new("--ca-file") { Description = "Certificate authorities that may sign the broker's certificate; default: the system's.", HelpName = "FILE" };
    private readonly Option<string?> _certificate = new("--certificate-file") { Description = "The client certificate.", HelpName = "FILE" };
    private readonly Option<string?> _key = new("--key-file") { Description = "The private key of the client certificate.", HelpName = "FILE" };

    /// <param name="withCamera">True adds <c>--camera</c> and <c>--product</c>, for commands about one detector.</param>
    public void AddTo(Command command, bool withCamera = false)
    {
        if (withCamera)
        {
            command.Options.Add(_camera);
            command.Options.Add(_product);
        }

        foreach (var option in new Option[] { _station, _broker, _user, _password, _tls, _ca, _certificate, _key })
            command.Options.Add(option);
    }

    /// <exception cref="UsageException">The name of the station is not of the form site/line/station.</exception>
    public StationTopics TopicsOf(ParseResult parsed)
    {
        try
        {
            return parsed.GetRequiredValue(_station).Split('/') is [var site, var line, var station] ? new StationTopics(site, line, station) : throw new ArgumentException("want site/line/station");
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{_station.Name}: {e.Message}");
        }
    }

    /// <returns>The name of the camera whose detector is meant; null for the station's default detector.</returns>
    public string? CameraOf(ParseResult parsed) => parsed.GetValue(_camera);

    /// <returns>The name of the product whose detector is meant; null where none was given.</returns>
    public string? ProductOf(ParseResult parsed) => parsed.GetValue(_product);

    /// <returns>True where a station was named.</returns>
    public bool NamesStation(ParseResult parsed) => parsed.GetValue(_station) is not null;

    /// <returns>A link that is not started yet.</returns>
    public IMqttLink Connect(ParseResult parsed, TimeProvider clock) => new MqttNetLink(Options(parsed), null, clock, NullLogger.Instance);

    /// <param name="option">The name of the option that the address was given with, for the error text.</param>
    /// <exception cref="UsageException">The text is not an address of a broker.</exception>
    public static (string Host, int Port) Address(string text, int defaultPort, string option) =>
        BrokerAddress.Parse(text, defaultPort) ?? throw new UsageException($"{option}: want host or host:port (an IPv6 address with a port as [address]:port){(text.Contains('@', StringComparison.Ordinal) ? "; user and password have options of their own" : $", got '{text}'")}");

    private MqttOptions Options(ParseResult parsed)
    {
        var tls = parsed.GetValue(_tls) || parsed.GetValue(_ca) is not null || parsed.GetValue(_certificate) is not null;
        var (host, port) = Address(parsed.GetRequiredValue(_broker), tls ? 8883 : 1883, _broker.Name);
        return new MqttOptions
        {
            Host = host,
            Port = port,
            ClientId = $"mrfad-cli-{Guid.NewGuid():N}",
            Username = parsed.GetValue(_user),
            PasswordFile = parsed.GetValue(_password),
            ReconnectDelayMax = TimeSpan.FromSeconds(5),
            Tls = new TlsOptions { Enabled = tls, CaFile = parsed.GetValue(_ca), CertificateFile = parsed.GetValue(_certificate), KeyFile = parsed.GetValue(_key) },
        };
    }
}
