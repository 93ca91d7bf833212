using System.CommandLine;
using System.Reflection;
using MrfAd.Cli.Terminal;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad manual</c>: prints the manual page that a package installs. It is hidden in the list of commands.</summary>
public static class ManualCommand
{
    /// <param name="root">The command line that the page describes.</param>
    public static Command Create(RootCommand root)
    {
        var command = new Command("manual", "Prints the manual page, for man.") { Hidden = true };
        command.SetAction(_ =>
        {
            Console.Write(ManualPage.Write(root, typeof(ManualCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion));
            return ExitCode.Done;
        });
        return command;
    }
}
