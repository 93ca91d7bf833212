using System.CommandLine;
using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad bank keygen | sign | verify</c>: keys and signatures of banks.</summary>
internal static class BankSigning
{
    private static readonly Argument<string> Model = new("model") { Description = "A .mrfbank file, or another kind of model." };

    public static Command KeyGen()
    {
        var id = new Argument<string>("id") { Description = "The key's name on stations, for example office-2026." };
        var folder = new Option<string>("--folder") { Description = "Folder for the two files.", DefaultValueFactory = _ => "." };
        var signing = new SigningOptions("", required: false);
        var command = new ExampleCommand(
            "keygen",
            "Makes a key pair, ECDSA P-256: ID.key, the private one, encrypted with a passphrase, and ID.pub, for the stations' updates.trusted_keys.",
            "mrfad bank keygen office-2026")
        {
            id, folder, signing.Passphrase,
        };
        command.SetAction(parsed =>
        {
            var name = parsed.GetRequiredValue(id);
            if (name.Length is 0 or > 100 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')) || name[0] == '.')
                throw new UsageException($"id: want 1 to 100 letters, digits, '-', '_' or '.', got '{name}'");
            using var key = SigningKey.Create(parsed.GetRequiredValue(folder), name, signing.PassphraseOf(parsed, "a passphrase for it: "));
            Console.WriteLine($"{name}.key: keep it secret. {name}.pub: goes to the stations, \"updates\": {{ \"trusted_keys\": [{{ \"id\": \"{name}\", \"public_key_file\": \"{name}.pub\" }}] }}");
            return ExitCode.Done;
        });
        return command;
    }

    public static Command Sign()
    {
        var signing = new SigningOptions("The private key, from 'bank keygen'.", required: true);
        var agent = new Option<string>("--min-agent") { Description = "The oldest agent that can use it.", DefaultValueFactory = _ => "0.1.0" };
        var chunk = new Option<int>("--chunk-kb") { Description = "Size of a chunk in KiB, 64 to 16384; default: chosen by the file's size.", DefaultValueFactory = _ => 0 };
        var command = new ExampleCommand("sign", "Writes the file's signed manifest beside it (.sig).", "mrfad bank sign bottle.mrfbank --sign-key office-2026.key") { Model, agent, chunk };
        signing.AddTo(command);
        command.SetWork((parsed, cancellation) =>
        {
            var path = Existing(parsed.GetRequiredValue(Model));
            if (!System.Version.TryParse(parsed.GetRequiredValue(agent), out _))
                throw new UsageException($"{agent.Name}: want a version such as 0.1.0, got '{parsed.GetValue(agent)}'");
            if (parsed.GetValue(chunk) is not 0 and (< Manifests.MinChunkBytes / 1024 or > Manifests.MaxChunkBytes / 1024))
                throw new UsageException($"{chunk.Name}: want {Manifests.MinChunkBytes / 1024} to {Manifests.MaxChunkBytes / 1024}, got {parsed.GetValue(chunk)}");
            using var key = signing.Open(parsed)!;
            var manifest = ConsoleProgress.Run(progress => Manifests.Make(path, parsed.GetRequiredValue(agent), parsed.GetValue(chunk) * 1024, progress, cancellation));
            AtomicFile.Write(path + Manifests.Extension, Manifests.Bytes(Manifests.Sign(manifest, key)));
            Console.WriteLine($"{path}{Manifests.Extension}: {Describe(manifest)}, signed by {key.Id}");
            return ExitCode.Done;
        });
        return command;
    }

    public static Command Verify(TimeProvider clock)
    {
        var keys = new Option<string[]>("--key") { Description = "A trusted public key, ID.pub; may be named again.", Required = true, HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "The manifest as JSON." };
        var command = new ExampleCommand("verify", "Compares a file with its signed manifest, chunk by chunk, and the signature with a public key.", "mrfad bank verify bottle.mrfbank --key office-2026.pub") { Model, keys, json };
        command.SetWork((parsed, cancellation) =>
        {
            var path = Existing(parsed.GetRequiredValue(Model));
            var trusted = parsed.GetRequiredValue(keys).Select(file => new TrustedKey { Id = Path.GetFileNameWithoutExtension(file), PublicKeyFile = file }).ToList();
            if (trusted.CountBy(key => key.Id).FirstOrDefault(id => id.Value > 1).Key is { } twice)
                throw new UsageException($"{keys.Name}: '{twice}' is named twice");
            var offer = Manifests.ReadBeside(path);
            var manifest = Manifests.Open(offer, new TrustedKeys(trusted, clock));
            Acceptance.CheckFile(path, manifest, _ => { }, cancellation);
            Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(manifest, MessageJson.Default.ModelManifest) : $"{path}: {Describe(manifest)}, signed by {offer.Key}");
            return ExitCode.Done;
        });
        return command;
    }

    public static string Existing(string path) => File.Exists(path) ? path : throw new UsageException($"no such file: {path}");

    private static string Describe(ModelManifest manifest) => FormattableString.Invariant(
        $"{manifest.Id} version {manifest.Version}, {manifest.Size / 1e6:0.#} MB in {Manifests.ChunksOf(manifest)} chunks, encoder {manifest.EncoderId}, threshold {manifest.Threshold:0.####}, sha256 {manifest.Sha256}");
}
