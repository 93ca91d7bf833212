using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Search;
using MrfAd.Onnx.Tensors;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Banks;

/// <summary>The checksum of a bank, and numbers that are none.</summary>
public sealed partial class BankFileTests
{
    [Fact]
    public void The_checksum_is_the_SHA_256_of_the_file_with_zeros_in_its_place()
    {
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 100 });
        var bytes = File.ReadAllBytes(path);
        using var bank = BankFile.Open(path);
        var (text, mark) = (Encoding.Latin1.GetString(bytes), "\"checksum\":\"sha256:");
        var at = text.IndexOf(mark, StringComparison.Ordinal) + mark.Length;

        var zeroed = Encoding.Latin1.GetBytes(text.Remove(at, 64).Insert(at, new string('0', 64)));

        Assert.True(bank.HasChecksum);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(zeroed)), text.Substring(at, 64));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), bank.Sha256);
    }

    [Fact]
    public void Any_flipped_bit_of_a_bank_is_refused_by_the_name_of_the_file()
    {
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 100 });
        var bytes = File.ReadAllBytes(path);
        var header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var random = new Random(1);
        // All bits of the metadata's beginning, in which the checksum stands, and some of all others.
        var places = Enumerable.Range(8 * 8, 8 * 200).Concat(Enumerable.Range(0, 1000).Select(_ => random.Next(8 * header))).Concat(Enumerable.Range(0, 1000).Select(_ => random.Next(8 * bytes.Length)));
        foreach (var bit in places)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, bytes);
            Assert.StartsWith(path, Assert.Throws<BankFormatException>(() => BankFile.Open(path).Dispose()).Message, StringComparison.Ordinal);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_threshold_in_which_one_digit_has_changed_is_refused()
    {
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 100 });
        string threshold;
        using (var bank = BankFile.Open(path))
            threshold = bank.Description.Calibration.Threshold.ToString(CultureInfo.InvariantCulture);
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        var at = text.IndexOf(threshold, StringComparison.Ordinal);
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(text.Remove(at, 1).Insert(at, text[at] == '9' ? "1" : "9")));

        Assert.StartsWith($"{path} is damaged: want the content with the checksum sha256:", Assert.Throws<BankFormatException>(() => BankFile.Open(path)).Message, StringComparison.Ordinal);
        using var model = ModelFile.Open(path);
        Assert.StartsWith($"{path} is damaged", Assert.Throws<BankFormatException>(model.Verify).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bank_of_an_earlier_version_is_read_and_says_that_it_has_no_checksum()
    {
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 100 });
        File.WriteAllBytes(path, TestChecksum.Without(File.ReadAllBytes(path)));

        using var bank = BankFile.Open(path);

        Assert.False(bank.HasChecksum);
        Assert.Equal(8, bank.Description.Images);
    }

    [Theory]
    [InlineData(RowPrecision.Fp32, "bank.l4.1", "row 5, column 3")]
    [InlineData(RowPrecision.Fp16, "bank.l4.1", "row 5, column 3")]
    [InlineData(RowPrecision.Fp32, "projected.l8.1", "row 5, column 1")]
    [InlineData(RowPrecision.Fp32, "mean.l8.1", "value 3")]
    [InlineData(RowPrecision.Int8, "scale.l4.1", "value 7")]
    public void A_number_that_is_none_is_named_with_its_row_and_column(RowPrecision precision, string tensor, string place)
    {
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 100, Precision = precision });
        var bytes = TestChecksum.Without(File.ReadAllBytes(path));
        using (var file = TensorFile.Open(path))
        {
            var entry = file.Tensors[tensor];
            var (row, column) = (place.StartsWith("row", StringComparison.Ordinal) ? 5 : 0, place[^1] - '0');
            var index = (row * (entry.Shape is [_, var columns] ? columns : 1)) + column;
            if (entry.Type == TensorType.F16)
                BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan((int)(entry.Offset + (2 * index))), Half.NegativeInfinity);
            else
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan((int)(entry.Offset + (4 * index))), float.NaN);
        }

        File.WriteAllBytes(path, bytes);

        Assert.Equal($"{path}: tensor '{tensor}' is not finite in {place}", Assert.Throws<BankFormatException>(() => BankFile.Open(path)).Message);
    }
}
