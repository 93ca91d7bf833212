using MrfAd.Engine.Images;
using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Sources;

public sealed class FolderSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Images_come_in_the_order_of_their_names_and_then_end()
    {
        TestPart.Write(_folder.File("b.png"), 2);
        TestPart.Write(_folder.File("a.png"), 1);
        File.WriteAllText(_folder.File("notes.txt"), "no image");
        using var source = new FolderSource(_folder.Path, loop: false, () => ImageLimits.Default, TimeProvider.System, _ => { });

        Assert.Equal(("a.png", 1), await NextAsync(source));
        Assert.Equal(("b.png", 2), await NextAsync(source));
        Assert.Null(await source.NextAsync(CancellationToken.None));
        Assert.Null(await source.NextAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_loop_starts_over_with_what_is_new()
    {
        TestPart.Write(_folder.File("a.png"), 1);
        using var source = new FolderSource(_folder.Path, loop: true, () => ImageLimits.Default, TimeProvider.System, _ => { });

        Assert.Equal(("a.png", 1), await NextAsync(source));
        TestPart.Write(_folder.File("b.png"), 2);
        Assert.Equal(("a.png", 1), await NextAsync(source));
        Assert.Equal(("b.png", 2), await NextAsync(source));
        Assert.Equal(("a.png", 1), await NextAsync(source));
    }

    [Fact]
    public async Task A_loop_over_nothing_has_no_frame()
    {
        using var source = new FolderSource(_folder.Path, loop: true, () => ImageLimits.Default, TimeProvider.System, _ => { });

        Assert.Null(await source.NextAsync(CancellationToken.None));
    }

    [Fact]
    public async Task An_unreadable_image_is_named_and_the_next_one_follows()
    {
        File.WriteAllText(_folder.File("a.png"), "not a picture");
        TestPart.Write(_folder.File("b.png"), 2);
        TestPart.Write(_folder.File("c.png"), 3);
        using var source = new FolderSource(_folder.Path, loop: false, () => ImageLimits.Default, TimeProvider.System, _ => { });

        Assert.Contains("a.png", (await Assert.ThrowsAsync<ImageFormatException>(() => NextAsync(source))).Message, StringComparison.Ordinal);
        File.Delete(_folder.File("b.png"));
        Assert.Contains("b.png", (await Assert.ThrowsAnyAsync<IOException>(() => NextAsync(source))).Message, StringComparison.Ordinal);
        Assert.Equal(("c.png", 3), await NextAsync(source));
    }

    private static async Task<(string Name, int Brightness)> NextAsync(FolderSource source)
    {
        var frame = await source.NextAsync(CancellationToken.None);
        using (frame!.Image)
            return (frame.Source, frame.Image.Bytes[0]);
    }
}
