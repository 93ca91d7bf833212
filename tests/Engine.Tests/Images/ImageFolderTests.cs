using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Images;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Images_of_all_folders_below_come_in_the_order_of_their_paths_without_hidden_ones()
    {
        Files("b/1.png", "a/2.JPG", "a/deep/3.tiff", "c.bmp", "readme.txt", "._c.bmp", ".git/4.png", "a/.ipynb_checkpoints/2.png", "__MACOSX/c.bmp", "$RECYCLE.BIN/5.png");
        Assert.Equal(["a/2.JPG", "a/deep/3.tiff", "b/1.png", "c.bmp"], Below());
    }

    [Fact]
    public void A_folder_is_read_once_however_many_links_lead_to_it_and_under_its_own_path()
    {
        Files("day1/1.png", "day2/2.png");
        Link("day2/here", ".");
        Link("day1/up", "..");
        Link("a-link-that-sorts-first", "day1");
        Link("round", "round-again");
        Link("round-again", "round");
        Link("nowhere", "absent");
        Assert.Equal(["day1/1.png", "day2/2.png"], Below());
    }

    [Fact]
    public void Images_behind_a_link_to_elsewhere_are_read()
    {
        using var elsewhere = new TemporaryFolder();
        File.WriteAllText(elsewhere.File("1.png"), "");
        File.CreateSymbolicLink(_folder.File("one.png"), elsewhere.File("1.png"));
        Link("set", elsewhere.Path);
        Assert.Equal(["one.png", "set/1.png"], Below());
    }

    [Fact]
    public void A_name_is_found_in_any_case_and_an_exact_one_first()
    {
        Files("Masks/1.PNG", "masks/1.png");
        Assert.Equal(_folder.File("masks"), ImageFolder.Find(_folder.Path, "masks"));
        Assert.Equal(_folder.File("Masks/1.PNG"), ImageFolder.Find(_folder.File("Masks"), "1.png"));
        Assert.Null(ImageFolder.Find(_folder.File("Masks"), "2.png"));
        Assert.Null(ImageFolder.Find(_folder.File("absent"), "1.png"));
    }

    private IEnumerable<string> Below() => ImageFolder.FilesBelow(_folder.Path).Select(f => Path.GetRelativePath(_folder.Path, f));

    private void Link(string path, string target) => File.CreateSymbolicLink(_folder.File(path), target);

    private void Files(params string[] names)
    {
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
            File.WriteAllText(_folder.File(name), "");
        }
    }
}
