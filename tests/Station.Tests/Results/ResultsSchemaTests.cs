using MrfAd.Contracts;
using MrfAd.Station.Results;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Results;

public sealed class ResultsSchemaTests
{
    [Fact]
    public async Task Tables_of_the_first_version_are_brought_up_to_date_and_keep_their_triggers()
    {
        using var folder = new TemporaryFolder();
        using (var store = new ResultsStore(folder.Path, TimeProvider.System))
        {
            await store.WriteAsync(connection =>
            {
                connection.Run("ALTER TABLE pending_triggers DROP COLUMN product");
                connection.Run("INSERT INTO pending_triggers VALUES ('id', 'top', 1, 'part-1', 'mqtt', 0)");
                connection.Run("PRAGMA user_version = 1");
            });
        }

        using var after = new ResultsStore(folder.Path, TimeProvider.System);

        Assert.Equal([("part-1", true)], after.Read(c => c.Read("SELECT trigger_id, product FROM pending_triggers", row => (row.GetString(0), row.IsDBNull(1)))));
        Assert.Null(after.Error);
    }

    [Fact]
    public async Task A_verdict_is_stored_with_its_product()
    {
        using var folder = new TemporaryFolder();
        using var store = new ResultsStore(folder.Path, TimeProvider.System);
        var verdict = new VerdictMessage
        {
            Id = Guid.NewGuid(),
            Seq = 1,
            Station = "s1",
            Camera = "top",
            Product = "m6",
            Trigger = new VerdictTrigger { Id = "part-1", Source = "mqtt", At = DateTimeOffset.UnixEpoch },
            Verdict = Verdict.Ok,
            TimingsMs = new VerdictTimings { Total = 1 },
        };

        await store.WriteAsync(connection => VerdictWriter.Insert(connection, 1, verdict, "t/top", default, "{}"u8));

        Assert.Equal(["m6"], store.Read(c => c.Read("SELECT product FROM verdicts", row => row.GetString(0))));
    }
}
