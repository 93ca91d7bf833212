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

    [Fact]
    public void Of_many_that_write_one_name_at_once_exactly_one_succeeds()
    {
        for (var round = 0; round < 20; round++)
        {
            var path = _folder.File($"{round}");
            var written = 0;
            Parallel.For(0, 4, i => Interlocked.Add(ref written, AtomicFile.TryCreate(path, [(byte)i]) ? 1 : 0));
            Assert.Equal(1, written);
        }
    }
}
