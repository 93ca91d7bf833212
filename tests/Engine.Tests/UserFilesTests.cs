using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Hlgfa;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;
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

    [Theory]
    [InlineData("a FIFO (a named pipe)")]
    [InlineData("a link to a FIFO")]
    [InlineData("a character device")]
    [InlineData("a socket")]
    public async Task What_is_no_regular_file_is_refused_by_name_and_never_waited_for(string kind)
    {
        var path = kind switch
        {
            "a character device" => SpecialFile.EndlessDevice(_folder.File("part.png")),
            "a socket" => SpecialFile.SocketFile(_folder.File("part.png")),
            _ => SpecialFile.Fifo(_folder.File("part.png")),
        };
        if (kind == "a link to a FIFO")
            path = File.CreateSymbolicLink(_folder.File("link.png"), path).FullName;
        var want = $"{path}: want a regular file, got {(kind == "a link to a FIFO" ? "a FIFO (a named pipe)" : kind)}";

        foreach (var read in (Action[])[
            () => UserFiles.ReadBytes(path), () => UserFiles.ReadText(path), () => UserFiles.ReadLines(path), () => UserFiles.OpenRead(path), () => UserFiles.OpenHandle(path),
            () => UserFiles.Open(path, FileMode.Open, FileAccess.ReadWrite), () => UserFiles.Open(path, new FileStreamOptions()), () => ImageCodec.Read(path), () => FileLength.Of(path),
            () => FileKind.Describe(path), () => TensorFile.Open(path), () => BankFile.Open(path), () => ModelFile.Open(path), () => HlgfaFile.Open(path), () => OnnxGraph.Read(path),
            () => Checkpoint.Open(path), () => EncoderDescriptor.Read(path), () => ScoreFile.Read(path), () => VideoReader.Open(path), () => Encoder.Identify(path)])
        {
            // A reader that waits must not hold up the tests.
            var error = await Record.ExceptionAsync(() => Task.Run(read).WaitAsync(TimeSpan.FromSeconds(20)));
            Assert.Contains(want, Assert.IsType<Exception>(error, exactMatch: false).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_is_larger_than_is_read_is_refused_with_both_sizes()
    {
        var path = _folder.File("token");
        using (var file = File.Create(path))
            file.SetLength(200_000_000_000);

        Assert.All<Action>(
            [() => UserFiles.ReadBytes(path), () => UserFiles.ReadText(path), () => UserFiles.ReadLines(path)],
            read => Assert.Contains($"{path} has 200000000000 bytes, want at most ", Assert.Throws<IOException>(read).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_pipe_or_device_may_be_written_to()
    {
        UserFiles.WriteText("/dev/null", "1");
        using var file = UserFiles.Open("/dev/null", FileMode.Create, FileAccess.Write);
        file.WriteByte(1);
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
