using MrfAd.Platform;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_file_never_takes_the_place_of_one_that_is_there()
    {
        Assert.True(AtomicFile.TryCreate(_folder.File("a"), [1]));
        Assert.False(AtomicFile.TryCreate(_folder.File("a"), [2]));

        Assert.Equal([1], File.ReadAllBytes(_folder.File("a")));
        Assert.Equal(["a"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }
}
