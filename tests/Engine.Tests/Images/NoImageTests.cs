using MrfAd.Engine.Datasets;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Images;

/// <summary>Files that a clone without Git LFS, a server or a client leaves in the place of an image.</summary>
public sealed class NoImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 346383\n", "it is a Git LFS pointer")]
    [InlineData("<!DOCTYPE html><html><head><title>Sign in</title></head></html>", "it is a web page (HTML)")]
    [InlineData("{ \"image\": \"iVBORw0KGgo=\" }", "it is a JSON text")]
    [InlineData("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVQI12P4z8AAAAMBAQAY3Y2wAAAAAElFTkSuQmCC", "it is a text")]
    [InlineData("PK\u0003\u0004and nothing more", "it is a ZIP archive")]
    [InlineData("", "the file is empty")]
    public void A_file_in_the_place_of_an_image_or_a_mask_is_called_what_it_is(string content, string kind)
    {
        File.WriteAllText(_folder.File("1.png"), content);
        var mask = new DatasetImage("o/test/bad/1", "test", "bad", "1.png", true, _folder.File("1.png"));

        Assert.Contains(kind, Assert.Throws<ImageFormatException>(() => ImageCodec.Read(_folder.File("1.png"))).Message, StringComparison.Ordinal);
        Assert.Contains(kind, Assert.Throws<DatasetException>(() => DatasetMask.Read(mask, 8, 6)).Message, StringComparison.Ordinal);
    }
}
