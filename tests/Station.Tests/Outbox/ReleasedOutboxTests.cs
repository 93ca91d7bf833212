using System.Buffers.Binary;
using System.Numerics;
using MrfAd.Contracts;
using MrfAd.Station.Outbox;
using MrfAd.Station.Results;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Outbox;

/// <summary>
/// A state folder that version 0.1.0 has written, in <c>released/</c>: five verdicts, of which two were acknowledged and one refused, two triggers without a
/// verdict, and pictures of the second and the fourth verdict, of which the second's was acknowledged.
/// </summary>
public sealed class ReleasedOutboxTests : IAsyncDisposable
{
    private readonly OutboxLab _lab = new();

    public ReleasedOutboxTests()
    {
        foreach (var kind in (string[])["verdicts", "pictures"])
        {
            Directory.CreateDirectory(Path.Combine(_lab.State, "outbox", kind));
            File.Copy(Path.Combine(Repository.Root, "tests/Station.Tests/Outbox/released/outbox", kind, "000000000001.log"), LogOf(kind));
        }
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task What_waited_is_sent_once_and_all_else_goes_on_where_it_ended()
    {
        var outbox = _lab.Open();

        Assert.Equal((2, 2), (outbox.Verdicts.Waiting, outbox.Pictures.Waiting));
        Assert.Equal((1L, 0L), (outbox.Verdicts.TotalDropped, outbox.Pictures.TotalDropped));
        Assert.Equal(["part-6", "part-7"], outbox.Interrupted.Select(t => t.Trigger));
        Assert.Equal(7, outbox.Verdicts.LastSeq("top"));
        Assert.Equal([1L, 2, 3, 4, 5], outbox.Verdicts.Find(new ReplayCommand { Camera = "top" }, 9).Select(m => m.Headers.Seq));
        Assert.True(outbox.Verdicts.TryGetTrigger("top", "part-7", out _));
        Assert.False(Directory.Exists(Path.Combine(_lab.State, "outbox")));
        _lab.Close();

        _lab.Link.Connect();
        await _lab.SendAllAsync();
        await _lab.SendAllAsync();
        Assert.Equal(4, _lab.Texts().Count);
        Assert.Contains("\"seq\":4,", _lab.Texts()[0], StringComparison.Ordinal);
        Assert.Contains("heatmap 4 historical", _lab.Texts());
        Assert.Contains("frame 4 historical", _lab.Texts());
    }

    [Fact]
    public async Task A_kill_between_the_commit_and_the_new_name_of_the_folder_doubles_nothing()
    {
        using (var store = new ResultsStore(_lab.State, _lab.Clock))
            await store.WriteAsync(new ReleasedOutbox(Path.Combine(_lab.State, "outbox"), new PictureFiles(_lab.State, 1_000_000)).Write);

        var outbox = _lab.Open();

        Assert.Equal((2, 2), (outbox.Verdicts.Waiting, outbox.Pictures.Waiting));
        Assert.Equal(5, outbox.Verdicts.Find(new ReplayCommand { Camera = "top" }, 9).Count);
        Assert.Equal(2, outbox.Interrupted.Count);
    }

    [Fact]
    public void A_byte_that_is_wrong_anywhere_costs_at_most_the_record_that_it_is_in()
    {
        var whole = File.ReadAllBytes(LogOf("verdicts"));
        var records = ReleasedLog.Read(whole, out var damaged).Count;
        Assert.Equal(0, damaged);

        for (var at = 0; at < whole.Length; at += 7)
        {
            var bytes = (byte[])whole.Clone();
            bytes[at] ^= 0x5a;
            Assert.Equal(records - 1, ReleasedLog.Read(bytes, out damaged).Count);
            Assert.InRange(damaged, 21, 2000);
        }
    }

    [Fact]
    public void A_record_without_a_body_is_one_also_at_the_end()
    {
        var record = new byte[21];
        "MrfR"u8.CopyTo(record);
        record[4] = ReleasedLog.Acknowledged;
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(5), 77);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(17), ~record[4..17].Aggregate(~0u, BitOperations.Crc32C));

        var read = Assert.Single(ReleasedLog.Read(record, out var damaged));

        Assert.Equal((ReleasedLog.Acknowledged, 77, 0, 0), (read.Kind, read.Number, read.Body.Length, damaged));
    }

    [Fact]
    public void A_torn_end_costs_what_was_never_synced_and_no_more()
    {
        var bytes = File.ReadAllBytes(LogOf("verdicts"));
        File.WriteAllBytes(LogOf("verdicts"), bytes[..^40]);

        var outbox = _lab.Open();

        Assert.Equal(["part-6"], outbox.Interrupted.Select(t => t.Trigger));
        Assert.Equal(2, outbox.Verdicts.Waiting);
    }

    [Fact]
    public void A_folder_that_an_agent_of_the_earlier_version_still_uses_is_left_alone()
    {
        using var inUse = new FileStream(Path.Combine(_lab.State, "outbox", "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        Assert.ThrowsAny<IOException>(() => _lab.Open());
        Assert.True(Directory.Exists(Path.Combine(_lab.State, "outbox")));
    }

    [Fact]
    public void A_folder_that_cannot_be_read_is_left_alone_and_the_next_start_takes_it_over()
    {
        var link = Path.Combine(_lab.State, "outbox", "verdicts", "000000000002.log");
        File.CreateSymbolicLink(link, Path.Combine(_lab.State, "not there"));

        Assert.Equal(0, _lab.Open().Verdicts.Waiting);
        _lab.Close();
        File.Delete(link);

        Assert.Equal(2, _lab.Open().Verdicts.Waiting);
        Assert.False(Directory.Exists(Path.Combine(_lab.State, "outbox")));
    }

    [Fact]
    public void A_folder_that_cannot_be_renamed_is_taken_over_all_the_same_and_the_next_start_doubles_nothing()
    {
        Directory.CreateDirectory(Path.Combine(_lab.State, $"outbox.taken-over-{_lab.Clock.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}"));

        for (var start = 0; start < 2; start++)
        {
            var outbox = _lab.Open();
            Assert.Equal((2, 2), (outbox.Verdicts.Waiting, outbox.Pictures.Waiting));
            Assert.Equal(start == 0, Directory.Exists(Path.Combine(_lab.State, "outbox")));
            _lab.Close();
            _lab.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private string LogOf(string kind) => Path.Combine(_lab.State, "outbox", kind, "000000000001.log");
}
