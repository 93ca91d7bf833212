using MrfAd.Contracts;
using MrfAd.Station.Results;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Results;

public sealed class VerdictWriterTests
{
    [Fact]
    public void The_checksum_is_CRC_32C_as_its_definition_gives_it_for_nine_digits() => Assert.Equal(0xE3069283, VerdictWriter.Checksum("123456789"u8));

    [Fact]
    public void Another_order_of_the_same_bytes_has_another_checksum() => Assert.NotEqual(VerdictWriter.Checksum("12"u8), VerdictWriter.Checksum("21"u8));

    [Fact]
    public async Task A_verdict_that_is_there_already_is_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        using var store = new ResultsStore(folder.Path, TimeProvider.System);
        var verdict = new VerdictMessage
        {
            Id = Guid.NewGuid(),
            Seq = 1,
            Station = "s1",
            Camera = "top",
            Trigger = new VerdictTrigger { Id = "part-1", Source = "mqtt", At = DateTimeOffset.UnixEpoch },
            Serial = "SN-17",
            Verdict = Verdict.Ok,
            TimingsMs = new VerdictTimings { Total = 1 },
        };
        var inserted = new List<bool>();

        await store.WriteAsync(connection =>
        {
            inserted.Add(VerdictWriter.Insert(connection, 1, verdict, "t/top", default, "first"u8));
            inserted.Add(VerdictWriter.Insert(connection, 2, verdict, "t/top", default, "second"u8));
        });

        Assert.Equal([true, false], inserted);
        var stored = store.Read(connection => connection.Read("SELECT message, checksum, serial FROM verdicts", row => (Message: row.GetString(0), Checksum: row.GetInt64(1), Serial: row.GetString(2))));
        Assert.Equal([("first", VerdictWriter.Checksum("first"u8), "SN-17")], stored);
    }
}
