using MrfAd.Platform;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests;

public sealed class UserFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_may_not_be_read_is_an_IOException_that_names_it()
    {
        var path = UnreadableFile.Link(_folder.File("part.png"));

        Assert.All<Action>(
            [() => UserFiles.ReadBytes(path), () => UserFiles.ReadText(path), () => UserFiles.ReadLines(path), () => UserFiles.OpenRead(path), () => UserFiles.OpenHandle(path)],
            read => Assert.Equal($"{path}: permission denied", Assert.Throws<IOException>(read).Message));
    }

    [Fact]
    public void A_folder_in_the_place_of_a_file_is_an_IOException_that_says_so()
    {
        var path = _folder.File("model");
        Directory.CreateDirectory(path);

        Assert.All<Action>(
            [() => UserFiles.ReadBytes(path), () => UserFiles.WriteBytes(path, [1]), () => UserFiles.WriteText(path, "1"), () => UserFiles.WriteLines(path, ["1"]), () => UserFiles.Delete(path)],
            access => Assert.Equal($"{path}: want a file, got a folder", Assert.Throws<IOException>(access).Message));
    }

    [Fact]
    public void A_folder_that_may_not_be_listed_is_an_IOException_that_names_it()
    {
        var path = _folder.File("locked");
        Directory.CreateDirectory(path);
        using var locked = new LockedFolder(path);

        Assert.All<Action>(
            [() => UserFiles.Files(path), () => UserFiles.Folders(path), () => UserFiles.Entries(path)],
            list => Assert.Equal($"{path}: permission denied", Assert.Throws<IOException>(list).Message));
    }

    [Fact]
    public void An_absent_file_is_reported_as_by_dotnet()
    {
        var path = _folder.File("nowhere");

        Assert.Contains(path, Assert.Throws<FileNotFoundException>(() => UserFiles.ReadBytes(path)).Message, StringComparison.Ordinal);
        UserFiles.Delete(path);
    }
}
