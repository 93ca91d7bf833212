using MrfAd.Station.Results;
using MrfAd.Station.Tests.Outbox;

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
            connection.Run("ALTER TABLE pending_triggers DROP COLUMN serial");
            connection.Run("ALTER TABLE pending_triggers DROP COLUMN meta");
            connection.Run("PRAGMA user_version = 1");
        });
        lab.Close();

        outbox = lab.Open();

        Assert.Null(lab.Store.Loss);
        Assert.Equal([pending], outbox.Interrupted);
        Assert.Equal(1, outbox.Verdicts.Waiting);
        outbox.Add(lab.Trigger(3) with { Part = new("SN-17", null) });
        lab.Close();
        Assert.Equal([null, "SN-17"], lab.Open().Interrupted.Select(t => t.Part?.Serial));
    }
}
