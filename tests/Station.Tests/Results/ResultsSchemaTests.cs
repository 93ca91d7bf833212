using Microsoft.Data.Sqlite;
using MrfAd.Contracts;
using MrfAd.Station.Results;
using MrfAd.Station.Tests.Outbox;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Results;

public sealed class ResultsSchemaTests
{
    [Fact]
    public async Task A_database_of_the_first_version_is_brought_up_to_date_with_all_that_is_in_it()
    {
        await using var lab = new OutboxLab();
        var pending = lab.Trigger(2);
        var outbox = lab.Open();
        lab.Add(outbox, 1);
        outbox.Add(pending);
        await lab.SavedAsync(outbox);
        await lab.Store.WriteAsync(connection =>
        {
            connection.Run("DROP TABLE parts");
            connection.Run("DROP INDEX verdicts_part");
            connection.Run("DROP INDEX verdicts_part_number");
            connection.Run("ALTER TABLE verdicts DROP COLUMN part_number");
            connection.Run("ALTER TABLE verdicts DROP COLUMN part");
            connection.Run("ALTER TABLE pending_triggers DROP COLUMN part");
            connection.Run("ALTER TABLE pending_triggers DROP COLUMN serial");
            connection.Run("ALTER TABLE pending_triggers DROP COLUMN meta");
            connection.Run("ALTER TABLE pending_triggers DROP COLUMN product");
            connection.Run("ALTER TABLE pending_triggers DROP COLUMN traceparent");
            connection.Run("ALTER TABLE verdicts DROP COLUMN traceparent");
            connection.Run("PRAGMA user_version = 1");
        });
        lab.Close();

        outbox = lab.Open();

        Assert.Null(lab.Store.Loss);
        Assert.Equal([pending], outbox.Interrupted);
        Assert.Equal(1, outbox.Verdicts.Waiting);
        Assert.Equal(0, lab.Store.Read(c => c.Number("SELECT count(*) FROM parts")));
        outbox.Add(lab.Trigger(3) with { Part = new("SN-17", null) { Id = "P-17" }, Product = "m6", Traceparent = "00-1-2-01" });
        lab.Close();
        Assert.Equal([(null, null, null, null), ("SN-17", "P-17", "m6", "00-1-2-01")], lab.Open().Interrupted.Select(t => (t.Part?.Serial, t.Part?.Id, t.Product, t.Traceparent)));
    }

    [Fact]
    public async Task A_state_folder_goes_back_to_its_first_version_and_forth_again_with_its_verdicts_and_triggers()
    {
        await using var lab = new OutboxLab();
        var pending = lab.Trigger(2);
        var outbox = lab.Open();
        lab.Add(outbox, 1);
        outbox.Add(pending with { Part = new("SN-17", null) { Id = "P-17" }, Product = "m6", Traceparent = "00-1-2-01" });
        await lab.SavedAsync(outbox);
        var folder = lab.Store.Folder;
        Assert.Throws<IOException>(() => StateVersion.TakeBack(folder, 1)); // the station uses it
        lab.Close();

        Assert.Throws<ResultsException>(() => StateVersion.TakeBack(folder, 0));
        StateVersion.TakeBack(folder, 1);
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder, ResultsStore.FileName)};Pooling=False"))
        {
            connection.Open();
            Assert.Equal(1, connection.Number("PRAGMA user_version"));
            Assert.Equal(0, connection.Number("SELECT count(*) FROM pragma_table_info('pending_triggers') WHERE name IN ('serial', 'meta', 'product', 'traceparent', 'part')"));
            Assert.Equal(0, connection.Number("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%part%'"));
            Assert.Equal(0, connection.Number("SELECT count(*) FROM pragma_table_info('verdicts') WHERE name LIKE 'part%'"));
        }

        outbox = lab.Open();
        Assert.Null(lab.Store.Loss);
        Assert.Equal([pending], outbox.Interrupted);
        Assert.Equal(1, outbox.Verdicts.Waiting);
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
