using System.Diagnostics;

namespace MrfAd.Testing;

/// <summary>A file "Prüfteil.png" whose name is written in Latin-1, as on a share or a stick of an old system. .NET can neither make nor delete it.</summary>
public sealed class NonUtf8File : IDisposable
{
    private readonly string _folder;

    /// <param name="path">The file that gets the name.</param>
    /// <param name="folder">The folder into which it is moved.</param>
    public NonUtf8File(string path, string folder)
    {
        _folder = folder;
        Run("mv \"$0\" \"$1/$(printf 'Pr\\374fteil.png')\"", path, folder);
    }

    public void Dispose() => Run("rm -f \"$0/$(printf 'Pr\\374fteil.png')\"", _folder);

    private static void Run(string command, params string[] arguments)
    {
        using var shell = Process.Start("sh", ["-c", command, .. arguments]);
        shell.WaitForExit();
    }
}
