using MrfAd.Cli.Demo;
using MrfAd.Platform;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Demo;

public sealed class DemoFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_with_somebody_elses_files_is_refused_and_stays_as_it_is()
    {
        File.WriteAllText(_folder.File("thesis.txt"), "years of work");

        var refused = Assert.Throws<UsageException>(() => DemoFolder.Prepare(_folder.Path, null));

        Assert.Contains("holds files that no demo made", refused.Message, StringComparison.Ordinal);
        Assert.Equal("years of work", File.ReadAllText(_folder.File("thesis.txt")));
    }

    [Fact]
    public void A_dataset_is_not_deleted_by_its_own_demo()
    {
        var path = _folder.File("out");
        var line = Directory.CreateDirectory(DemoFolder.Prepare(path, null).Line).FullName;

        var refused = Assert.Throws<UsageException>(() => DemoFolder.Prepare(path, line));

        Assert.Contains("holds the dataset", refused.Message, StringComparison.Ordinal);
        Assert.True(Directory.Exists(line));
    }

    [Fact]
    public void A_folder_of_an_earlier_demo_is_emptied()
    {
        var path = _folder.File("out");
        File.WriteAllText(DemoFolder.Prepare(path, null).Page, "old");

        var folder = DemoFolder.Prepare(path, null);

        Assert.False(File.Exists(folder.Page));
        Assert.True(Directory.Exists(folder.Pictures));
    }

    [Fact]
    public void Emptying_leaves_the_images_that_the_camera_was_shown()
    {
        var image = _folder.File("mine.png");
        TestPart.Write(image, 100);
        var path = _folder.File("out");
        DemoFolder.Prepare(path, null).Show([new DemoPart("good", image, null)]);

        DemoFolder.Prepare(path, null);

        Assert.True(File.Exists(image));
    }
}
