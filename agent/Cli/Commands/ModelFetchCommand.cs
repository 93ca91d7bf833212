using System.CommandLine;
using System.Text.Json;
using MrfAd.Cli.Models;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Banks;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad model fetch</c>: downloads a model of the catalogue.</summary>
public static class ModelFetchCommand
{
    // A server that sends no byte for this long is taken as dead.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static Command Create(TimeProvider clock)
    {
        var name = new Argument<string?>("name") { Description = "A model of the catalogue; without it, the catalogue is listed.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string>("--out", "-o") { Description = "Folder for the file.", HelpName = "DIR", DefaultValueFactory = _ => "." };
        var from = new Option<string?>("--from") { Description = "A folder or an address (http, https) with the file, instead of its publisher.", HelpName = "DIR|URL" };
        var catalogue = new Option<string?>("--catalogue") { Description = "A catalogue of your own; its entries take precedence over those shipped.", HelpName = "FILE" };
        var pin = new Option<bool>("--pin") { Description = "Write the file's size and full SHA-256 into --catalogue: from then on no other file is accepted." };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var command = new ExampleCommand(
            "fetch",
            """
            Downloads a published model, and checks its size and SHA-256 as far as the catalogue knows them. A download that was stopped goes on
            where it was; a file is there whole or not at all. Proxies are taken from HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
            """,
            "mrfad model fetch dinov2-reg-b --out models --catalogue ours.json --pin")
        {
            name, output, from, catalogue, pin, json,
        };
        command.SetWork((parsed, cancellation) =>
        {
            var own = parsed.GetValue(catalogue) is { } path && (File.Exists(path) || !parsed.GetValue(pin)) ? Catalogue.Read(path) : new Catalogue { Models = [] };
            var known = own.Models.Aggregate(Catalogue.Read(Catalogue.Shipped), (all, entry) => all.With(entry));
            if (parsed.GetValue(name) is not { } wanted)
            {
                List(known, parsed.GetValue(json));
                return ExitCode.Done;
            }

            if (parsed.GetValue(pin) && parsed.GetValue(catalogue) is null)
                throw new UsageException("--pin: name the file to write into, --catalogue FILE");
            var entry = known.Models.FirstOrDefault(m => m.Name == wanted)
                ?? throw new UsageException($"no model '{wanted}' in the catalogue; it has {string.Join(", ", known.Models.Select(m => m.Name))}");
            using var downloader = new Downloader(ResponseTimeout, Pause, clock);
            var fetch = new ModelFetch(downloader, parsed.GetValue(from));
            if (!parsed.GetValue(json))
                Console.WriteLine($"{entry.Name}: {entry.What}\nlicence: {entry.License} ({entry.LicenseUrl}){(entry.Terms.Length > 0 ? $": {entry.Terms}" : "")}\nfrom: {fetch.SourceOf(entry)}");
            var (file, sha256) = ConsoleProgress.Run(progress => fetch.FetchAsync(entry, parsed.GetRequiredValue(output), Percent(entry, progress), cancellation).GetAwaiter().GetResult());
            if (parsed.GetValue(pin))
                own.With(entry with { Sha256 = sha256 }).Write(parsed.GetValue(catalogue)!);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { name = entry.Name, file, bytes = new FileInfo(file).Length, sha256, known_sha256 = entry.Sha256, license = entry.License, license_url = entry.LicenseUrl }, JsonOutput.Options)
                : FormattableString.Invariant($"{file}: {new FileInfo(file).Length / 1e6:0.0} MB, sha256 {sha256}. {Checked(entry)}"));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Downloads a model of the shipped catalogue from its publisher; its name, address and licence are written to standard error.</summary>
    /// <exception cref="FetchException">The download failed.</exception>
    internal static void FetchShipped(string name, string folder)
    {
        var entry = Catalogue.Read(Catalogue.Shipped).Models.Single(m => m.Name == name);
        using var downloader = new Downloader(ResponseTimeout, Pause, TimeProvider.System);
        Console.Error.WriteLine($"fetching {entry.What} ({entry.License}) from {entry.Url}");
        ConsoleProgress.Run(progress => new ModelFetch(downloader, from: null).FetchAsync(entry, folder, Percent(entry, progress), CancellationToken.None).GetAwaiter().GetResult());
    }

    private static string Checked(CatalogueEntry entry) => entry.Sha256 switch
    {
        null => "The catalogue knows no hash of it: compare this one with the publisher's, and --pin it",
        { Length: 64 } => $"That is the one the catalogue names{(entry.Sha256Source is { } source ? $" (after {source})" : "")}",
        var prefix => $"The catalogue knows its first digits, {prefix}; --pin keeps the rest",
    };

    /// <summary>Reports percents; if the size is unknown, megabytes.</summary>
    private static Action<long, long?> Percent(CatalogueEntry entry, IProgress<LearnProgress> progress)
    {
        var last = -1;
        return (done, total) =>
        {
            var (step, steps) = total is { } bytes and > 0 ? ((int)(100 * done / bytes), 100) : ((int)(done / 1_000_000), int.MaxValue);
            if (step != last)
                progress.Report(new LearnProgress(entry.Download, last = step, steps));
        };
    }

    private static void List(Catalogue catalogue, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(catalogue.Models, JsonOutput.Options));
            return;
        }

        foreach (var entry in catalogue.Models)
            Console.WriteLine($"{entry.Name,-17} {entry.License,-14} {entry.What}{(entry.Form is null ? "" : $"; not fetched: from {entry.Form} only")}");
    }
}
