using System.CommandLine;
using MrfAd.Cli.Terminal;
using MrfAd.Cli.Upgrades;
using MrfAd.Platform;
using MrfAd.Station.Results;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad upgrade</c>: tries another version of the program beside the running one, goes back, and signs packages.</summary>
public static class UpgradeCommand
{
    private static readonly Option<string> Config = new(ConfigOptions.Config.Name) { Description = "The station's JSON file.", HelpName = ConfigOptions.Config.HelpName, DefaultValueFactory = _ => "/etc/mrfad/station.json" };

    private static readonly Option<string> Unit = new("--unit") { Description = "The station's systemd service.", HelpName = "NAME", DefaultValueFactory = _ => "mrfad.service" };

    public static Command Create(TimeProvider clock)
    {
        var package = new Argument<string>("package") { Description = "A signed tar.gz of 'mrfad package': a file, or an http(s) address; its signature is beside it (.sig)." };
        var within = new Option<int>("--ready-within") { Description = "Seconds in which the new version must be Ready, 10 to 86400.", HelpName = "SECONDS", DefaultValueFactory = _ => 300 };
        var command = new ExampleCommand(
            "upgrade",
            """
            Installs another version of the program beside the running one and tries it: its package is signed by a key in updates.program_keys, it can run
            this configuration and this state folder, it becomes Ready, and its reference parts are judged as they should be. Otherwise the old
            version comes back by itself, also where this command is killed or the power is lost. As root, with systemd.
            """,
            "mrfad upgrade mrfad-0.2.0-linux-x64.tar.gz")
        {
            package, Config, ConfigOptions.Device, within, Unit, Back(clock), Status(), Sign(),
        };
        foreach (var part in Parts(clock))
            command.Subcommands.Add(part);
        command.SetAction(async (parsed, cancellation) =>
        {
            var seconds = parsed.GetValue(within);
            if (seconds is < 10 or > 86_400)
                throw new UsageException($"{within.Name}: want 10 to 86400, got {seconds}");
            return Report(await Run(parsed, clock).InstallAsync(parsed.GetRequiredValue(package), TimeSpan.FromSeconds(seconds), cancellation), UpgradeResult.Accepted);
        });
        return command;
    }

    private static ExampleCommand Back(TimeProvider clock)
    {
        var command = new ExampleCommand("back", "Starts the previous version again, or gives up the upgrade that is on trial. Verdicts stay. A second time goes forth again.", "mrfad upgrade back") { Config, ConfigOptions.Device, Unit };
        command.SetAction(async (parsed, cancellation) => Report(await Run(parsed, clock).GoBackAsync(cancellation), UpgradeResult.Back));
        return command;
    }

    private static ExampleCommand Status()
    {
        var command = new ExampleCommand("status", "Shows which version is started, which one is kept, and how the last upgrade ended.", "mrfad upgrade status");
        command.SetAction(_ =>
        {
            var versions = VersionsFolder.Default;
            Console.WriteLine($"current:  {versions.Current}");
            if (versions.Journal() is { } open)
                Console.WriteLine($"open:     {open.Phase}, from {open.Old.Version} to {open.New.Version}, until {open.Deadline:u}{(open.Reason is { } why ? $": {why}" : "")}");
            if (versions.Last() is { } last)
                Console.WriteLine($"previous: {last.Previous?.Folder ?? "none"}\nlast:     {Describe(last)} ({last.At:u})");
            return ExitCode.Done;
        });
        return command;
    }

    private static ExampleCommand Sign()
    {
        var package = new Argument<string>("package") { Description = "A tar.gz of 'mrfad package'." };
        var signing = new SigningOptions("The private key, from 'bank keygen'; its public one is in the stations' updates.program_keys.", required: true);
        var command = new ExampleCommand("sign", "Writes the package's signed manifest beside it (.sig).", "mrfad upgrade sign mrfad-0.2.0-linux-x64.tar.gz --sign-key release-2026.key") { package };
        signing.AddTo(command);
        command.SetWork((parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(package);
            if (!File.Exists(path))
                throw new UsageException($"no such package: {path}");
            using var key = signing.Open(parsed)!;
            var manifest = SignedPackage.Make(path, cancellation);
            AtomicFile.Write(path + SignedPackage.Extension, SignedPackage.Bytes(SignedPackage.Sign(manifest, key)));
            Console.WriteLine(FormattableString.Invariant(
                $"{path}{SignedPackage.Extension}: {manifest.Version} for {manifest.Architecture}, {manifest.Size / 1e6:0.#} MB, state version {manifest.StateVersion}, sha256 {manifest.Sha256}, signed by {key.Id}"));
            return ExitCode.Done;
        });
        return command;
    }

    /// <returns>The commands that service, watcher and the program that upgrades call; nobody types them.</returns>
    private static IEnumerable<Command> Parts(TimeProvider clock)
    {
        var settle = new Command("settle", "Brings versions and state folder in line with the journal, before the service starts.") { Hidden = true };
        settle.SetAction(async (_, cancellation) =>
        {
            await new UpgradeSwitch(VersionsFolder.Default, clock).SettleAsync(cancellation);
            return ExitCode.Done;
        });
        yield return settle;

        var resume = new Command("resume", "Goes on with an upgrade whose process has ended.") { Hidden = true };
        resume.SetAction(async (_, cancellation) =>
        {
            if (await UpgradeRun.ResumeAsync(VersionsFolder.Default, clock, Console.WriteLine, cancellation) is { } outcome)
                Console.WriteLine(Describe(outcome));
            return ExitCode.Done;
        });
        yield return resume;

        var folder = new Argument<string>("folder") { Description = "The state folder." };
        var to = new Option<int>("--to") { Description = "The version.", Required = true };
        var takeBack = new Command("take-back", "Takes the state folder of a station that does not run back to an earlier version.") { folder, to };
        takeBack.Hidden = true;
        takeBack.SetAction(parsed =>
        {
            StateVersion.TakeBack(parsed.GetRequiredValue(folder), parsed.GetValue(to));
            return ExitCode.Done;
        });
        yield return takeBack;

        var describe = new Command("describe", "Prints the version of this program, and those of the state folder that it knows.") { Hidden = true };
        describe.SetAction(_ =>
        {
            Console.WriteLine(ProgramDescription.Own.ToJson());
            return ExitCode.Done;
        });
        yield return describe;
    }

    private static UpgradeRun Run(ParseResult parsed, TimeProvider clock) => new(
        VersionsFolder.Default, new ServiceUnit(parsed.GetRequiredValue(Unit)), parsed.GetRequiredValue(Config), parsed.GetValue(ConfigOptions.Device), clock, Console.WriteLine);

    private static int Report(UpgradeOutcome outcome, UpgradeResult wanted)
    {
        if (outcome.Result == wanted)
            Console.WriteLine(Describe(outcome));
        else
            Console.Error.WriteLine($"mrfad: {Describe(outcome)}");
        return outcome.Result == wanted ? ExitCode.Done : ExitCode.Failed;
    }

    private static string Describe(UpgradeOutcome outcome) => outcome.Result == UpgradeResult.Accepted
        ? $"{outcome.Current.Version} is accepted; {outcome.Previous?.Version} is kept: 'mrfad upgrade back'"
        : $"back to {outcome.Current.Version}: {outcome.Reason}";
}
