using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Images;

public sealed class ScoreFileTests : IDisposable
{
    private const int Width = 7, Height = 5;

    // What float16 holds exactly.
    private static readonly float[] Scores = [.. Enumerable.Range(0, Width * Height).Select(i => (i - 10) / 4f)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_written_map_is_read_back()
    {
        File.WriteAllBytes(_folder.File("map.tiff"), ScoreFile.EncodeTiff16(Scores, Width, Height));
        var (scores, width, height) = ScoreFile.Read(_folder.File("map.tiff"));
        Assert.Equal((Width, Height), (width, height));
        Assert.Equal(Scores, scores);
    }

    [Fact]
    public void A_written_map_is_what_tifffile_reads()
    {
        File.WriteAllBytes(_folder.File("map.tiff"), ScoreFile.EncodeTiff16(Scores, Width, Height));
        Python.Run("read_tiff.py", ["numpy", "tifffile"], _folder.File("map.tiff"), _folder.File("read.npy"));
        var (read, shape) = Npy.Read<float>(_folder.File("read.npy"));
        Assert.Equal([Height, Width], shape);
        Assert.Equal(Scores, read);
    }

    [Fact]
    public void Maps_of_other_programs_are_read()
    {
        Npy.Write<float>(_folder.File("map.npy"), Scores, Height, Width);
        Python.Run("write_maps.py", ["numpy", "tifffile"], _folder.File("map.npy"), _folder.Path);
        Assert.All(new[] { "map.npy", "half.tiff", "strips.tiff", "deflated.tiff", "big-endian.tiff", "half.npy", "double.npy" }, name =>
        {
            var (scores, width, height) = ScoreFile.Read(_folder.File(name));
            Assert.Equal((Width, Height), (width, height));
            Assert.Equal(Scores, scores);
        });
    }

    [Fact]
    public void A_damaged_file_is_refused_by_name_wherever_it_is_cut_or_changed()
    {
        var whole = ScoreFile.EncodeTiff16(Scores, Width, Height);
        for (var length = 0; length < whole.Length; length++)
            Refused(whole[..length]);
        var random = new Random(1);
        for (var i = 0; i < 3000; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[random.Next(134)] = (byte)random.Next(256); // the header and the tags
            File.WriteAllBytes(_folder.File("x.tiff"), damaged);
            try
            {
                ScoreFile.Read(_folder.File("x.tiff"));
            }
            catch (ImageFormatException e)
            {
                Assert.Contains("x.tiff", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_score_that_is_not_a_number_is_refused()
    {
        Assert.Contains("not a number", Refused(ScoreFile.EncodeTiff16([1, float.NaN], 2, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_score_beyond_what_float16_holds_is_refused()
    {
        Assert.Contains("infinite", Refused(ScoreFile.EncodeTiff16([1, 70_000], 2, 1)), StringComparison.Ordinal);
    }

    private string Refused(byte[] bytes)
    {
        File.WriteAllBytes(_folder.File("x.tiff"), bytes);
        var message = Assert.Throws<ImageFormatException>(() => ScoreFile.Read(_folder.File("x.tiff"))).Message;
        Assert.Contains("x.tiff", message, StringComparison.Ordinal);
        return message;
    }
}
