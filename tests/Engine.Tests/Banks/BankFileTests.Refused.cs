using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Banks;

/// <summary>Banks that are refused.</summary>
public sealed partial class BankFileTests
{
    [Theory]
    [InlineData("encoder_sha256", "\"x\"", "a SHA-256 in the description is none")]
    [InlineData("views", "[]", "has 0 views, want one for each of 1 scales")]
    [InlineData("layers", "[\"l4\", \"l4\"]", "names a layer or a scale twice")]
    public void A_description_that_contradicts_itself_is_refused(string key, string value, string reason)
    {
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 100 });
        TestModel.Vary(path, _folder.File("odd.mrfbank"), 1, change: d => d[key] = System.Text.Json.Nodes.JsonNode.Parse(value));

        var error = Assert.Throws<BankFormatException>(() => BankFile.Open(_folder.File("odd.mrfbank")));

        Assert.EndsWith(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "header length")]
    [InlineData(100, "truncated")]
    [InlineData(-1, "truncated")]
    public void A_truncated_bank_is_refused_by_name(int keep, string reason)
    {
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 100 });
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, keep >= 0 ? bytes[..Math.Max(keep, 4)] : bytes[..^1]);
        var error = Assert.Throws<BankFormatException>(() => BankFile.Open(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Contains(reason, StringComparison.Ordinal) || error.Message.Contains("header", StringComparison.Ordinal), error.Message);
    }

    [Fact]
    public void Any_flipped_header_byte_is_refused_or_harmless_but_never_a_crash()
    {
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 100 });
        var bytes = File.ReadAllBytes(path);
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[random.Next(3000)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            try
            {
                BankFile.Open(path).Dispose();
            }
            catch (BankFormatException)
            {
                // the right answer
            }
        }
    }

    [Fact]
    public void Good_images_that_nothing_can_be_measured_against_are_refused()
    {
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 100 });
        var text = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(path));
        var spread = text.IndexOf("0.02", text.IndexOf("spread", StringComparison.Ordinal), StringComparison.Ordinal);
        File.WriteAllBytes(path, System.Text.Encoding.Latin1.GetBytes(text.Remove(spread, 4).Insert(spread, "-0.2")));

        Assert.Contains("spreads above 0", Assert.Throws<BankFormatException>(() => BankFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mean", "\"AQI=\"")]
    [InlineData("usual", "grey", "\"AQI=\"")]
    [InlineData("usual", "x", """{"median":0.5,"spread":0.1}""")]
    [InlineData("usual", "y", """{"median":0.5,"spread":0.1}""")]
    public void Good_images_with_a_thumbnail_or_a_position_that_is_not_whole_are_refused(params string[] path)
    {
        var bank = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 100 });
        TestModel.Vary(bank, _folder.File("odd.mrfbank"), 1, change: d =>
        {
            var of = path[..^2].Aggregate(d["good_images"]!, (of, key) => of[key]!);
            of[path[^2]] = System.Text.Json.Nodes.JsonNode.Parse(path[^1]);
        });

        Assert.Contains("want thumbnails of 1024 bytes", Assert.Throws<BankFormatException>(() => BankFile.Open(_folder.File("odd.mrfbank"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_something_else_is_not_a_bank()
    {
        File.WriteAllText(_folder.File("x.mrfbank"), "hello, this is not a bank at all");
        Assert.Contains("header length", Assert.Throws<BankFormatException>(() => BankFile.Open(_folder.File("x.mrfbank"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bank_of_another_encoder_is_refused_with_both_names()
    {
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 100 });
        var other = TinyEncoder.Write(Directory.CreateDirectory(_folder.File("other")).FullName, seed: 2);
        var error = Assert.Throws<BankFormatException>(() => MrfAdInspector.Open(other, path, 1, TimeProvider.System));
        Assert.Contains("was learned with the encoder tiny", error.Message, StringComparison.Ordinal);
    }
}
