using System.Text;
using MrfAd.Platform;

namespace MrfAd.Cli.Security;

/// <summary>A folder of secrets, which its owner alone may read. What is there stays as it is; what is missing is written.</summary>
/// <param name="isDryRun">Writes nothing, and only says what would be written.</param>
public sealed class SecureFolder(string path, bool isDryRun)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly List<SecureFile> _files = [];

    public string Path => path;

    public bool IsDryRun => isDryRun;

    /// <summary>The files so far, in the order in which they were asked for.</summary>
    public IReadOnlyList<SecureFile> Files => _files;

    /// <returns>The path of a file of the folder.</returns>
    public string File(string name) => System.IO.Path.Combine(path, name);

    public bool Has(string name) => System.IO.Path.Exists(File(name));

    /// <summary>Writes a file unless it is there.</summary>
    /// <param name="what">One clause that says what it is for.</param>
    /// <returns>The content of the file; null where it would have been written.</returns>
    /// <exception cref="IOException">It cannot be read or written; the text names it.</exception>
    public string? Keep(string name, string what, Func<string> content)
    {
        Prepare();
        var isWritten = !Has(name) && (isDryRun || AtomicFile.TryCreate(File(name), Encoding.UTF8.GetBytes(content()), Owner));
        Note(name, what, isWritten);
        return isDryRun && isWritten ? null : UserFiles.ReadText(File(name));
    }

    /// <summary>Writes a file without secrets, also over an earlier one whose content differs.</summary>
    /// <inheritdoc cref="Keep"/>
    public void Replace(string name, string what, string content)
    {
        var isCurrent = Has(name) && UserFiles.ReadText(File(name)) == content;
        if (!isCurrent && !isDryRun)
        {
            UserFiles.Delete(File(name));
            AtomicFile.TryCreate(File(name), Encoding.UTF8.GetBytes(content), Owner);
        }

        Note(name, what, !isCurrent);
    }

    /// <summary>Notes a file that was written, or was there, otherwise than by <see cref="Keep"/>; one whose mode lets others read it loses that.</summary>
    public void Note(string name, string what, bool isWritten)
    {
        if (!isDryRun && Has(name) && !OperatingSystem.IsWindows())
            UserFiles.Access(File(name), () => System.IO.File.SetUnixFileMode(File(name), Owner));
        _files.Add(new SecureFile(name, what, isWritten));
    }

    /// <summary>Makes the folder, and takes the rights of others on it away.</summary>
    public void Prepare()
    {
        if (isDryRun || OperatingSystem.IsWindows())
            return;
        UserFiles.CreateFolder(path);
        UserFiles.Access(path, () => System.IO.File.SetUnixFileMode(path, Owner | UnixFileMode.UserExecute));
    }
}
