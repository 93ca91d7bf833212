using System.CommandLine;
using MrfAd.Platform;
using MrfAd.Station.Keys;
using Spectre.Console;

namespace MrfAd.Cli.Commands;

/// <summary>The options that choose a private key and its passphrase.</summary>
internal sealed class SigningOptions(string description, bool required)
{
    private readonly Option<string?> _key = new("--sign-key", "-k") { Description = description, HelpName = "FILE", Required = required };

    public Option<string?> Passphrase { get; } = new("--passphrase-file")
    {
        Description = "A file that holds the key's passphrase alone; without it the passphrase is asked for.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_key);
        command.Options.Add(Passphrase);
    }

    /// <returns>The opened key; null if the command line names none.</returns>
    public SigningKey? Open(ParseResult parsed)
    {
        if (parsed.GetValue(_key) is not { } file)
            return null;
        if (!File.Exists(file))
            throw new UsageException($"{_key.Name}: no such key: {file} ('mrfad bank keygen' makes one)");
        var isEncrypted = UserFiles.ReadText(file).Contains("ENCRYPTED", StringComparison.Ordinal);
        return SigningKey.Open(file, isEncrypted ? PassphraseOf(parsed, $"passphrase of {file}: ") : null);
    }

    /// <exception cref="UsageException">No passphrase was given, or it is empty.</exception>
    public string PassphraseOf(ParseResult parsed, string prompt)
    {
        var passphrase = parsed.GetValue(Passphrase) is { } file
            ? UserFiles.ReadText(file).TrimEnd('\r', '\n')
            : Console.IsInputRedirected ? Console.ReadLine() : AnsiConsole.Prompt(new TextPrompt<string>(prompt).Secret());
        return string.IsNullOrEmpty(passphrase) ? throw new UsageException($"{Passphrase.Name}: the passphrase is empty") : passphrase;
    }
}
