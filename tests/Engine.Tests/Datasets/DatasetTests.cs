using MrfAd.Engine.Datasets;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Datasets;

public sealed partial class DatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Mvtec_ad_is_read_object_by_object_with_masks_beside_the_test_images()
    {
        Files("bottle/train/good/0.png", "bottle/test/good/0.png", "bottle/test/broken/0.png", "bottle/ground_truth/broken/0_mask.png",
            "cable/train/good/0.png", "cable/test/good/0.png", "readme.txt");

        var objects = Dataset.Read(_folder.Path);

        Assert.Equal(["bottle", "cable"], objects.Select(o => o.Name));
        Assert.Equal(["bottle/test/broken/0", "bottle/test/good/0"], objects[0].Test.Select(t => t.Name));
        Assert.Equal(_folder.File("bottle/ground_truth/broken/0_mask.png"), objects[0].Test[0].Mask);
        Assert.Equal([true, false], objects[0].Test.Select(t => t.Defective));
        Assert.Equal("cable", Assert.Single(Dataset.Read(_folder.Path, ["cable"])).Name);
        Assert.Equal("bottle/test/broken/0", Dataset.Read(_folder.File("bottle"))[0].Test[0].Name);
    }

    [Fact]
    public void Mvtec_ad_2_has_held_out_images_and_private_splits_without_labels()
    {
        Files("can/train/good/0.png", "can/validation/good/1.png", "can/test_public/good/2.png", "can/test_public/bad/3.png",
            "can/test_public/ground_truth/bad/3_mask.png", "can/test_private/4.png", "can/test_private_mixed/5.png");

        var can = Assert.Single(Dataset.Read(_folder.Path));

        Assert.Equal(DatasetLayout.MvtecAd2, can.Layout);
        Assert.Equal(["can/validation/good/1"], can.HeldOut.Select(i => i.Name));
        Assert.Equal(["can/test_public/good/2", "can/test_public/bad/3", "can/test_private/4", "can/test_private_mixed/5"], can.Test.Select(t => t.Name));
        Assert.Equal([false, true, null, null], can.Test.Select(t => t.Defective));
        Assert.Equal(_folder.File("can/test_public/ground_truth/bad/3_mask.png"), can.Test[1].Mask);
        Assert.Equal(8, DatasetObject.MvtecAd2Names.Count);
    }

    [Fact]
    public void Visa_is_read_by_its_table()
    {
        Files("candle/Data/Images/Normal/0.JPG", "candle/Data/Images/Normal/1.JPG", "candle/Data/Images/Anomaly/2.JPG", "candle/Data/Masks/Anomaly/2.png");
        Directory.CreateDirectory(_folder.File("split_csv"));
        File.WriteAllText(_folder.File("split_csv/1cls.csv"), """
            object,split,label,image,mask
            candle,train,normal,candle/Data/Images/Normal/0.JPG,
            candle,test,normal,candle/Data/Images/Normal/1.JPG,
            candle,test,anomaly,candle/Data/Images/Anomaly/2.JPG,candle/Data/Masks/Anomaly/2.png
            """);

        var candle = Assert.Single(Dataset.Read(_folder.Path));

        Assert.Equal([_folder.File("candle/Data/Images/Normal/0.JPG")], candle.Train);
        Assert.Equal([false, true], candle.Test.Select(t => t.Defective));
        Assert.Equal(_folder.File("candle/Data/Masks/Anomaly/2.png"), candle.Test[1].Mask);
        Assert.Equal("candle", Assert.Single(Dataset.Read(_folder.File("split_csv/1cls.csv"))).Name);
    }

    [Fact]
    public void Of_a_plain_folder_every_fifth_good_image_is_tested_and_masks_are_optional()
    {
        Files([.. Enumerable.Range(0, 10).Select(i => $"good/{i}.png"), "scratch/a.png", "scratch/b.png", "masks/scratch/b.png"]);

        var plain = Assert.Single(Dataset.Read(_folder.Path));

        Assert.Equal(8, plain.Train.Count);
        Assert.Equal(["4", "9", "a", "b"], plain.Test.Select(t => Path.GetFileName(t.Name)));
        Assert.Equal([null, null, null, _folder.File("masks/scratch/b.png")], plain.Test.Select(t => t.Mask));
    }

    [Fact]
    public void What_is_no_data_set_or_lacks_an_object_is_refused_by_name()
    {
        Files("bottle/train/good/0.png", "bottle/test/good/0.png", "empty/train/good/readme.txt", "empty/test/good/0.png");
        Assert.Contains("no such data set", Fails("nowhere"), StringComparison.Ordinal);
        Assert.Contains("is no data set", Fails("bottle/train/good"), StringComparison.Ordinal);
        Assert.Contains("has no object 'cup' (it has bottle, empty)", Fails("", "cup"), StringComparison.Ordinal);
        Assert.Contains("'empty' has 0 images to learn from", Fails("", "empty"), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_images_of_one_name_and_paths_that_lead_out_of_the_data_set_are_refused()
    {
        Files("a/good/1.png", "a/good/2.png", "a/good/3.png", "a/good/4.png", "a/good/5.png", "a/bad/1.png", "a/bad/1.jpg");
        Assert.Contains("two images have one name", Fails("a"), StringComparison.Ordinal);
        File.WriteAllText(_folder.File("table.csv"), "object,split,label,image,mask\ncandle,test,normal,../x.png,");
        Assert.Contains("table.csv, line 2: '../x.png' lies outside", Fails("table.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_file_managers_archives_and_notebooks_leave_behind_is_no_image_and_no_kind_of_defect()
    {
        Files([.. Enumerable.Range(0, 5).Select(i => $"a/good/{i}.png"), "a/good/._0.png", "a/good/.hidden.png", "a/good/Thumbs.db", "a/scratch/9.png", "a/.ipynb_checkpoints/0.png",
            "a/__MACOSX/0.png", "a/@eaDir/0.png", "a/Labels/9.png", "a/annotations/9.png"]);

        var plain = Assert.Single(Dataset.Read(_folder.File("a")));

        Assert.Equal(["a/good/4", "a/scratch/9"], plain.Test.Select(t => t.Name));
        Assert.Equal(4, plain.Train.Count);
        Assert.Equal(_folder.File("a/Labels/9.png"), plain.Test[1].Mask);

        Files("m/train/good/0.png", "m/test/good/0.png", "m/test/.cache/0.png", "m/test/masks/0.png", "m/test/broken/0.png", "m/ground_truth/broken/0_mask.png");
        Assert.Equal(["broken", "good"], Assert.Single(Dataset.Read(_folder.File("m"))).Test.Select(t => t.Kind));
    }

    [Fact]
    public void A_folder_that_a_link_leads_to_once_more_is_no_further_kind_of_defect()
    {
        Files([.. Enumerable.Range(0, 5).Select(i => $"a/good/{i}.png"), "a/scratch/9.png", "m/train/good/0.png", "m/test/good/0.png", "m/test/broken/0.png", "m/ground_truth/broken/0_mask.png"]);
        foreach (var (link, target) in ((string, string)[])[("a/best", "good"), ("a/all", "."), ("a/above", ".."), ("a/again", "scratch"), ("m/test/learned", "../train/good"), ("m/test/again", "broken"), ("twice", "m")])
            File.CreateSymbolicLink(_folder.File(link), target);

        Assert.Equal(["a", "m"], Dataset.Read(_folder.Path).Select(o => o.Name));
        Assert.Equal(["a/good/4", "a/scratch/9"], Assert.Single(Dataset.Read(_folder.File("a"))).Test.Select(t => t.Name));
        Assert.Equal(["broken", "good"], Assert.Single(Dataset.Read(_folder.File("m"))).Test.Select(t => t.Kind));
    }

    [Fact]
    public void Folders_behind_links_to_elsewhere_are_read()
    {
        using var elsewhere = new TemporaryFolder();
        Files([.. Enumerable.Range(0, 5).Select(i => $"shots/{i}.png"), "dents/9.png"]);
        Directory.Move(_folder.File("shots"), elsewhere.File("shots"));
        Directory.Move(_folder.File("dents"), elsewhere.File("dents"));
        Directory.CreateDirectory(_folder.File("a"));
        File.CreateSymbolicLink(_folder.File("a/good"), elsewhere.File("shots"));
        File.CreateSymbolicLink(_folder.File("a/dent"), elsewhere.File("dents"));

        Assert.Equal(["a/good/4", "a/dent/9"], Assert.Single(Dataset.Read(_folder.File("a"))).Test.Select(t => t.Name));
    }

    [Theory]
    [InlineData("candle/Data/Masks/Anomaly/2.png", "candle/Data/Masks/Anomaly/2.PNG")]
    [InlineData("candle/Data/Masks/Anomaly/2.PNG", "candle/Data/Masks/Anomaly/2.png")]
    [InlineData("", "candle/Data/Masks/Anomaly/2.Png")]
    public void The_masks_of_Visa_are_found_in_any_case_and_where_its_table_does_not_name_them(string named, string mask)
    {
        Files("candle/Data/Images/Normal/0.JPG", "candle/Data/Images/Anomaly/2.JPG", mask);
        File.WriteAllText(_folder.File("1cls.csv"), $"""
            object,split,label,image,mask
            candle,train,normal,candle/Data/Images/Normal/0.JPG,
            candle,test,anomaly,candle/Data/Images/Anomaly/2.JPG,{named}
            """);

        Assert.Equal(_folder.File(mask), Assert.Single(Assert.Single(Dataset.Read(_folder.File("1cls.csv"))).Test).Mask);
    }

    private string Fails(string below, params string[] only) =>
        Assert.Throws<DatasetException>(() => Dataset.Read(_folder.File(below), only.Length > 0 ? only : null)).Message;

    private void Files(params string[] names)
    {
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
            File.WriteAllText(_folder.File(name), "");
        }
    }
}
