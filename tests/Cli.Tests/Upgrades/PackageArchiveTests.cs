using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using MrfAd.Cli.Upgrades;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Upgrades;

public sealed class PackageArchiveTests : IDisposable
{
    private const string Description = """{ "version": "0.2.0", "state_version": 3, "state_back_to": 1 }""";

    private readonly TemporaryFolder _folder = new();

    private string Package => _folder.File("package.tar.gz");

    public static TheoryData<string, TarEntryType, string> Hostile => new()
    {
        { "top/../../outside", TarEntryType.RegularFile, "want a path below one folder" },
        { "/etc/passwd", TarEntryType.RegularFile, "want a path below one folder" },
        { "other/file", TarEntryType.RegularFile, "want a path below one folder" },
        { "top//file", TarEntryType.RegularFile, "want a path below one folder" },
        { "top/link", TarEntryType.SymbolicLink, "it is of the kind SymbolicLink" },
        { "top/link", TarEntryType.HardLink, "it is of the kind HardLink" },
        { "top/fifo", TarEntryType.Fifo, "it is of the kind Fifo" },
        { "top/device", TarEntryType.CharacterDevice, "it is of the kind CharacterDevice" },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_package_is_unpacked_without_its_own_folder_and_with_the_right_to_execute()
    {
        Write([("top/", TarEntryType.Directory), ("top/agent/mrfad", TarEntryType.RegularFile), ("top/version.json", TarEntryType.RegularFile)]);

        var contents = PackageArchive.Inspect(Package, CancellationToken.None);
        PackageArchive.Unpack(Package, _folder.File("unpacked"), contents.Bytes, CancellationToken.None);

        Assert.Equal(("top", new ProgramDescription("0.2.0", 3, 1)), (contents.Folder, contents.Description));
        Assert.Equal(Description, File.ReadAllText(_folder.File("unpacked/version.json")));
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(_folder.File("unpacked/agent/mrfad")));
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_path_that_leads_out_and_whatever_is_no_file_are_refused(string name, TarEntryType type, string why)
    {
        Write([("top/version.json", TarEntryType.RegularFile), (name, type)]);

        Assert.Contains(why, Assert.Throws<UpdateRefusedException>(() => PackageArchive.Inspect(Package, CancellationToken.None)).Message, StringComparison.Ordinal);
        Assert.Throws<UpdateRefusedException>(() => PackageArchive.Unpack(Package, _folder.File("unpacked"), 1 << 20, CancellationToken.None));
        Assert.False(File.Exists(_folder.File("outside")));
    }

    [Fact]
    public void More_bytes_than_were_signed_are_not_unpacked()
    {
        Write([("top/version.json", TarEntryType.RegularFile), ("top/more", TarEntryType.RegularFile)]);

        var refusal = Assert.Throws<UpdateRefusedException>(() => PackageArchive.Unpack(Package, _folder.File("unpacked"), Description.Length + 1, CancellationToken.None));

        Assert.Contains("more than ", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("unpacked/more")));
    }

    [Fact]
    public void What_is_no_archive_is_called_so()
    {
        File.WriteAllText(Package, "no archive");

        Assert.Contains("is no tar.gz", Assert.Throws<UpdateRefusedException>(() => PackageArchive.Inspect(Package, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    private void Write((string Name, TarEntryType Type)[] entries)
    {
        using var tar = new TarWriter(new GZipStream(File.Create(Package), CompressionLevel.Fastest), TarEntryFormat.Gnu);
        foreach (var (name, type) in entries)
        {
            var entry = new GnuTarEntry(type, name) { Mode = (UnixFileMode)0b111_111_111 };
            if (type == TarEntryType.RegularFile)
                entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(Description));
            if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
                entry.LinkName = "/etc/passwd";
            tar.WriteEntry(entry);
        }
    }
}
