using MrfAd.Engine.Images;
using MrfAd.Maker;
using MrfAd.Maker.Generator;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Maker;

public sealed class CropsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Images_that_were_stopped_anywhere_end_as_if_they_had_not_been()
    {
        Picture("a.png", 7, 300, 400);
        Picture("b.png", 8, 700, 260);
        var whole = Make(_folder.File("whole.u8"));
        File.WriteAllBytes(_folder.File("cut.u8"), whole[..((3 * CropFile.Bytes) + 1000)]);
        Assert.Equal(whole, Make(_folder.File("cut.u8")));
        File.WriteAllBytes(_folder.File("cut.u8"), whole[..((6 * CropFile.Bytes) + 1000)]);
        Assert.Equal(whole, Make(_folder.File("cut.u8")));
        Assert.Equal(7, whole.Length / CropFile.Bytes);
    }

    [Fact]
    public void What_is_small_or_blank_or_a_map_of_normals_or_no_picture_gives_no_crop()
    {
        Picture("good.png", 7, 300, 300);
        Picture("small.png", 7, 255, 400);
        Picture("wall_nm.png", 7, 300, 300);
        File.WriteAllText(_folder.File("text.jpg"), "no picture");
        using (var blank = new Image(300, 300, 3))
        {
            blank.Bytes.Fill(200);
            File.WriteAllBytes(_folder.File("blank.png"), ImageCodec.Encode(blank, ImageFormat.Png));
        }

        using var file = CropFile.Append(_folder.File("crops.u8"));
        Assert.Equal(1, new Photographs(_folder.Path, 2, 1).AppendTo(file, _ => { }));
    }

    [Fact]
    public void A_folder_without_a_picture_is_named()
    {
        using var file = CropFile.Append(_folder.File("crops.u8"));
        var error = Assert.Throws<DirectoryNotFoundException>(() => new Photographs(_folder.Path, 2, 1).AppendTo(file, _ => { }));
        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_picture_in_several_sizes_the_largest_is_taken()
    {
        Picture("320x300.png", 7, 300, 320);
        Picture("640x600.png", 7, 600, 640);
        using var file = CropFile.Append(_folder.File("crops.u8"));
        Assert.Equal(1, new Photographs(_folder.Path, 2, 1).AppendTo(file, _ => { }));
    }

    private byte[] Make(string path)
    {
        using (var file = CropFile.Append(path))
        {
            new Photographs(_folder.Path, 5, 1).AppendTo(file, _ => { });
            Generated.AppendTo(file, 5, 2, 1, _ => { });
        }

        return File.ReadAllBytes(path);
    }

    private void Picture(string name, int seed, int height, int width)
    {
        using var crop = new Image(CropFile.Side, CropFile.Side, 3);
        Scene.Paint(seed, crop.Bytes);
        using var picture = ImageResize.Resize(crop, width, height);
        File.WriteAllBytes(_folder.File(name), ImageCodec.Encode(picture, ImageFormat.Png));
    }
}
