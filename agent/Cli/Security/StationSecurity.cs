using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MrfAd.Platform;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Security;

/// <summary>
/// Makes what a station's connections need to be safe, as far as its configuration has none: tokens, a key for commands, passwords, a certificate, and the files of a
/// mosquitto. What is configured or in the folder already stays.
/// </summary>
/// <param name="configFolder">The folder of the station's file, from which its paths are taken.</param>
/// <param name="broker">Where mosquitto finds its files and listens.</param>
public sealed class StationSecurity(StationOptions options, string configFolder, SecureFolder folder, BrokerPlace broker, TimeProvider clock)
{
    public const string Settings = "settings.json";

    public const string BrokerConfig = "mosquitto.conf";

    private const string Passwords = "mosquitto.passwd", Acl = "mosquitto.acl", Authority = "ca.pem", Certificate = "broker.crt", CertificateKey = "broker.key", StationPassword = "mqtt-password";

    private readonly JsonObject _settings = [];

    /// <summary>The files that belong to the broker.</summary>
    public IEnumerable<string> BrokerFiles => ((string[])[Certificate, CertificateKey, Passwords, Acl]).Where(name => folder.Has(name) || folder.Files.Any(file => file.Name == name));

    /// <summary>The user of the station at the broker.</summary>
    public string User => options.Mqtt.Username ?? options.Station;

    /// <summary>True where a key for commands is in the folder: its private half belongs elsewhere.</summary>
    public bool HasKey => folder.Has($"{AccessList.Office}.key");

    /// <summary>Writes what is missing.</summary>
    /// <param name="hosts">Further names by which clients call the broker.</param>
    /// <param name="passphrase">Encrypts the private key of commands; null stores it as it is.</param>
    /// <exception cref="IOException">A file cannot be read or written, or one of two that belong together is missing; the text names it.</exception>
    /// <exception cref="ArgumentException">The station's user name cannot be one of mosquitto's.</exception>
    public void Write(IReadOnlyList<string> hosts, string? passphrase)
    {
        var acl = AccessList.For(options, User);
        WriteTokens();
        WriteKey(passphrase);
        if (!options.Mqtt.Tls.Enabled)
            WriteCertificate([options.Mqtt.Host, .. hosts]);
        WritePasswords();
        folder.Keep(Acl, "mosquitto's access list", () => acl);
        folder.Keep(BrokerConfig, "mosquitto's settings", BrokerSettings);
        if (_settings.Count > 0)
            folder.Replace(Settings, "what goes into the station's file", _settings.ToJsonString(StationJson.Options) + "\n");
    }

    private void WriteTokens()
    {
        if (options.Dashboard.TokenFile is null)
        {
            folder.Keep("dashboard-token", "the token to sign in to the dashboard", Secret);
            Set("dashboard", "token_file", InConfig("dashboard-token"));
        }

        if (options.Http.TokenFile is null && options.Cameras.Any(c => c.Trigger == TriggerMode.Http))
        {
            folder.Keep("http-token", "the token of programs that upload images", Secret);
            Set("http", "token_file", InConfig("http-token"));
        }
    }

    private void WriteKey(string? passphrase)
    {
        if (options.Control.AllowUnsigned)
            Set("control", "allow_unsigned", false);
        if (options.Control.TrustedKeys.Count > 0)
            return;
        var isMissing = !folder.Has($"{AccessList.Office}.pub");
        if (isMissing && HasKey)
            throw new IOException($"{folder.File($"{AccessList.Office}.key")} is there, and its public half {AccessList.Office}.pub is not: put that beside it, or move the key away");
        folder.Prepare();
        if (isMissing && !folder.IsDryRun)
            SigningKey.Create(folder.Path, AccessList.Office, passphrase).Dispose();
        if (isMissing || HasKey)
            folder.Note($"{AccessList.Office}.key", "the private key that signs commands", isMissing);
        folder.Note($"{AccessList.Office}.pub", "its public half, which the station trusts", isMissing);
        Set("control", "trusted_keys", new JsonArray(new JsonObject { ["id"] = AccessList.Office, ["public_key_file"] = InConfig($"{AccessList.Office}.pub") }));
    }

    private void WriteCertificate(IReadOnlyList<string> hosts)
    {
        var present = ((string[])[Authority, Certificate, CertificateKey]).Where(folder.Has).ToList();
        if (present.Count is 1 or 2)
            throw new IOException($"{folder.Path}: {string.Join(" and ", present)} without the rest of {Authority}, {Certificate}, {CertificateKey}, which belong together: put it back, or move these away");
        // Certificates for a loopback address are for its name, too.
        var names = hosts.Concat(IPAddress.TryParse(hosts[0], out var address) && IPAddress.IsLoopback(address) ? ["localhost"] : (string[])[]).Distinct().ToList();
        var issued = new Lazy<BrokerCertificate>(() => BrokerCertificate.Issue(names, clock.GetUtcNow()));
        folder.Keep(Authority, "the authority that clients of the broker trust", () => issued.Value.Authority + "\n");
        folder.Keep(Certificate, $"the broker's certificate, for {string.Join(", ", names)}", () => issued.Value.Certificate + "\n");
        folder.Keep(CertificateKey, "its private key", () => issued.Value.Key + "\n");
        Set("mqtt", "port", broker.TlsPort);
        Set("mqtt", "tls", new JsonObject { ["enabled"] = true, ["ca_file"] = InConfig(Authority) });
    }

    private void WritePasswords()
    {
        (string User, string Who)[] others = [(AccessList.Line, "of the line"), (AccessList.Dashboard, "of a dashboard"), (AccessList.Office, "of the office")];
        IEnumerable<string> files = [.. options.Mqtt.PasswordFile is null ? [StationPassword] : (string[])[], .. others.Select(o => PasswordOf(o.User))];
        if (folder.Has(Passwords) && files.FirstOrDefault(name => !folder.Has(name)) is { } missing)
            throw new IOException($"{folder.File(Passwords)} is there, and {missing} is not: put that back, or move {Passwords} away, so that it is written with a new password");
        var users = new List<(string User, string? Password)>();
        if (options.Mqtt.PasswordFile is { } known)
        {
            users.Add((User, UserFiles.ReadText(known)));
        }
        else
        {
            users.Add((User, folder.Keep(StationPassword, "the station's password at the broker", Secret)));
            Set("mqtt", "username", User);
            Set("mqtt", "password_file", InConfig(StationPassword));
        }

        foreach (var (user, who) in others)
            users.Add((user, folder.Keep(PasswordOf(user), $"the password {who} at the broker", Secret)));
        folder.Keep(Passwords, "mosquitto's passwords, hashed", () => string.Concat(users.Select(u => PasswordHash.Line(u.User, u.Password!.TrimEnd('\r', '\n')) + "\n")));
    }

    /// <returns>The name of the file with a user's password.</returns>
    public static string PasswordOf(string user) => $"{user}-password";

    private string BrokerSettings()
    {
        string At(string name) => System.IO.Path.Combine(broker.Folder, name);
        string[] tls = options.Mqtt.Tls.Enabled ? [] : [$"listener {broker.TlsPort}", $"certfile {At(Certificate)}", $"keyfile {At(CertificateKey)}"];
        return string.Join('\n', [.. tls, "allow_anonymous false", $"password_file {At(Passwords)}", $"acl_file {At(Acl)}", ""]);
    }

    /// <returns>The path of a file of the folder as the station's file names it.</returns>
    private string InConfig(string name) => System.IO.Path.GetRelativePath(configFolder, folder.File(name));

    private void Set(string section, string key, JsonNode value)
    {
        if (_settings[section] is not JsonObject members)
            _settings[section] = members = [];
        members[key] = value;
    }

    private static string Secret() => RandomNumberGenerator.GetHexString(32, lowercase: true) + "\n";
}
