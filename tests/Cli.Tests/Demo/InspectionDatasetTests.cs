using MrfAd.Cli.Demo;
using MrfAd.Platform;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Demo;

public sealed class InspectionDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Parts_are_named_by_kind_and_file_and_know_their_mask()
    {
        Image("train/good/1.png");
        Image("test/good/7.png");
        Image("test/broken/7.png");
        Image("ground_truth/broken/7_mask.png");

        var dataset = InspectionDataset.Read(_folder.Path);

        Assert.Equal(["broken/7", "good/7"], dataset.Test.Select(t => t.Name));
        Assert.Equal(_folder.File("ground_truth/broken/7_mask.png"), dataset.Test[0].Mask);
        Assert.True(dataset.Test[0].IsDefective);
        Assert.False(dataset.Test[1].IsDefective);
    }

    [Theory]
    [InlineData(new string[0], "is no data set: want")]
    [InlineData(new[] { "train/good/1.png" }, "has train/good, but neither 'test' nor 'test_public'")]
    [InlineData(new[] { "train/good/readme.txt", "test/good/1.png" }, "has 0 images to learn from")]
    [InlineData(new[] { "train/good/1.png", "test/1.png" }, "and 0 to test")]
    [InlineData(new[] { "a/good/1.png", "a/good/2.png", "a/bad/1.png", "b/good/1.png", "b/bad/1.png" }, "holds several objects")]
    public void A_folder_of_another_layout_is_refused_with_what_is_wanted(string[] files, string wanted)
    {
        foreach (var file in files)
            Image(file);

        Assert.Contains(wanted, Assert.Throws<UsageException>(() => InspectionDataset.Read(_folder.Path)).Message, StringComparison.Ordinal);
    }

    private void Image(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(path))!);
        TestPart.Write(_folder.File(path), 100);
    }
}
