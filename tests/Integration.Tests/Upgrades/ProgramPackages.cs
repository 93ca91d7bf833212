using System.Text;
using MrfAd.Cli.Upgrades;
using MrfAd.Station.Keys;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Upgrades;

/// <summary>The program that was built, as a package would install it, and packages of it that are of other versions, signed by a key of their own.</summary>
public sealed class ProgramPackages : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ProgramPackages()
    {
        var output = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var program = Path.Combine(Repository.Root, "agent/Cli/bin", Path.GetFileName(Path.GetDirectoryName(output))!, Path.GetFileName(output));
        Directory.CreateDirectory(Installed);
        Shell.Run("cp", "-r", program, Path.Combine(Installed, "agent"));
        Shell.Run("cp", "-r", Path.Combine(Repository.Root, "systemd"), Path.Combine(Installed, "systemd"));
        foreach (var file in Directory.GetFiles(Path.Combine(Installed, "agent"), "*.pdb"))
            File.Delete(file);
        Key = SigningKey.Create(_folder.Path, "release", null);
    }

    /// <summary>The folder of the version that a package of the system has installed.</summary>
    public string Installed => _folder.File("mrfad");

    /// <summary>The folder of the keys.</summary>
    public string Keys => _folder.Path;

    /// <summary>The private key; the public one is <c>release.pub</c> in the same folder.</summary>
    public SigningKey Key { get; }

    public static string OwnVersion => ProgramDescription.Own.Version;

    /// <summary>Makes a signed package of the whole program.</summary>
    /// <param name="version">A version of as many characters as the program's own, which is replaced by it.</param>
    /// <param name="change">Changes the files of the package's folder.</param>
    /// <returns>The path of the package.</returns>
    public string Whole(string version, Action<string>? change = null)
    {
        var package = _folder.File($"whole-{Guid.NewGuid():N}/mrfad-{version}-{SignedPackage.OwnArchitecture}");
        Directory.CreateDirectory(package);
        Shell.Run("cp", "-r", "--link", Path.Combine(Installed, "agent"), package);
        var assembly = Path.Combine(package, "agent/MrfAd.Station.dll");
        var bytes = File.ReadAllBytes(assembly);
        Replace(bytes, OwnVersion, version);
        Write(assembly, bytes);
        File.WriteAllText(Path.Combine(package, ProgramDescription.FileName), (ProgramDescription.Own with { Version = version }).ToJson());
        change?.Invoke(package);
        return Pack(package);
    }

    /// <summary>Makes a signed package that holds a text in place of a program: enough for what is refused before it is started.</summary>
    public string Empty(string version, ProgramDescription? description = null, string? architecture = null, SigningKey? key = null)
    {
        var package = _folder.File($"empty-{Guid.NewGuid():N}/mrfad-{version}-{architecture ?? SignedPackage.OwnArchitecture}");
        Directory.CreateDirectory(Path.Combine(package, "agent"));
        Write(InstalledVersion.ProgramIn(package), "no program"u8);
        File.WriteAllText(Path.Combine(package, ProgramDescription.FileName), (description ?? ProgramDescription.Own with { Version = version }).ToJson());
        return Pack(package, key);
    }

    /// <summary>Replaces a file, and not what other links lead to.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        File.Delete(path);
        File.WriteAllBytes(path, content);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    public void Dispose()
    {
        Key.Dispose();
        _folder.Dispose();
    }

    private string Pack(string package, SigningKey? key = null)
    {
        var archive = package + ".tar.gz";
        Shell.Run("sh", "-c", $"tar -C '{Path.GetDirectoryName(package)}' --hard-dereference -c '{Path.GetFileName(package)}' | gzip -1 >'{archive}'");
        Directory.Delete(package, recursive: true);
        File.WriteAllBytes(archive + SignedPackage.Extension, SignedPackage.Bytes(SignedPackage.Sign(SignedPackage.Make(archive, CancellationToken.None), key ?? Key)));
        return archive;
    }

    /// <summary>Replaces the value of the assembly's attribute, which stands in it with its length before it.</summary>
    private static void Replace(Span<byte> assembly, string version, string other)
    {
        Assert.Equal(version.Length, other.Length);
        byte[] value = [(byte)version.Length, .. Encoding.UTF8.GetBytes(version)];
        var at = assembly.IndexOf(value);
        Assert.True(at >= 0 && assembly[(at + 1)..].IndexOf(value) < 0, $"the version is not once in the assembly, at {at}");
        Encoding.UTF8.GetBytes(other).CopyTo(assembly[(at + 1)..]);
    }
}
