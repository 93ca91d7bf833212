using MrfAd.Station.Results;

namespace MrfAd.Station.Tests.Results;

public sealed class VerdictWriterTests
{
    [Fact]
    public void The_checksum_is_CRC_32C_as_its_definition_gives_it_for_nine_digits() => Assert.Equal(0xE3069283, VerdictWriter.Checksum("123456789"u8));

    [Fact]
    public void Another_order_of_the_same_bytes_has_another_checksum() => Assert.NotEqual(VerdictWriter.Checksum("12"u8), VerdictWriter.Checksum("21"u8));
}
