using Microsoft.Data.Sqlite;
using MrfAd.Contracts;
using MrfAd.Station.History;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Results;

namespace MrfAd.Station.Tests.Outbox;

/// <summary>Damages to the database and its side files: each ends with a station that takes triggers, stores and sends verdicts, and with a sentence that says what was lost.</summary>
public sealed class DamageTests : IAsyncDisposable
{
    private const int Stored = 600, Waiting = 100, Page = 4096;

    private readonly OutboxLab _lab = new() { Options = new OutboxOptions { MaxAge = TimeSpan.FromDays(1000) } };

    public static TheoryData<string, string> Damages => new()
    {
        // What is done to the files of a station that was stopped or killed; what the sentence says.
        { "stop: page 1 is zeros", "set aside .* 600 verdicts, .* came over" },
        { "stop: page 1 is random", "set aside" },
        { "stop: page 2 is random", "set aside" },
        { "stop: page 4 is random", "set aside .* 600 verdicts, .* came over, 0 verdicts are missing" }, // the top page of the verdicts
        { "stop: page 5 is random", "set aside" },
        { "stop: page 11 is random", "set aside" },
        { "stop: page 40 is random", "set aside" },
        { "stop: page 77 is random", "set aside" },
        { "stop: page 100 is random", "set aside" },
        { "stop: page 150 is random", "set aside" },
        { "stop: the last page is random", "set aside" },
        { "stop: ten pages are random", "set aside" },
        { "stop: the text of a verdict is changed", "1 verdicts do not fit their checksums; it is set aside .* came over, 1 verdicts are missing" },
        { "stop: truncated to nothing", "is empty" },
        { "stop: truncated to 100 bytes", "set aside" },
        { "stop: truncated to half", "set aside" },
        { "stop: truncated by a page", "set aside" },
        { "stop: truncated by 100 bytes", "set aside" },
        { "stop: deleted", "is missing" },
        { "stop: another program's database", "another program" },
        { "stop: a text file", "not a database" },
        { "stop: of a newer version", "newer version .* 600 verdicts" },
        { "stop: an older copy", "lacks what was committed last: [0-9]+ triggers or verdicts" },
        { "kill: side file truncated to half", "lacks what was committed last" },
        { "kill: side file empty", "missing or empty" },
        { "kill: side file deleted", "missing or empty" },
        { "kill: side file random", "lacks what was committed last" },
        { "kill: side file of another day", "lacks what was committed last|set aside" },
        { "kill: the database deleted, the side file left", "is missing" },
        { "kill: index of the side file random", "" },
        { "run: deleted", "deleted while the station ran.* nothing is lost" },
        { "run: side file deleted", "deleted while the station ran.* nothing is lost" },
        { "run: the whole folder deleted", "deleted while the station ran.* nothing is lost" },
        { "run: pages overwritten", "set aside" },
        { "run: truncated", "set aside" },
        { "run: another process holds it", "another process holds" },
        { "start: another process holds it", "another process holds" },
        { "start: a folder has its name", "cannot be opened" },
    };

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damage_ends_with_a_station_that_judges_and_a_sentence(string damage, string sentence)
    {
        var (when, what) = (damage.Split(": ")[0], damage.Split(": ")[1]);
        var outbox = await FillAsync();
        if (when == "kill")
            _lab.Kill();
        if (when != "run")
            _lab.Close();
        using var holder = await DamageAsync(what);
        outbox = when == "run" ? outbox : _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);

        // It judges: a trigger is taken, and its verdict is sent.
        var seq = (int)Math.Max(Stored, outbox.Verdicts.LastSeq("top")) + 1;
        await Task.Run(() => outbox.Add(_lab.Trigger(seq))).WaitAsync(OutboxLab.Timeout);
        _lab.Add(outbox, seq);
        await _lab.Store.CheckAsync().ContinueWith(_ => { }, TaskScheduler.Default);
        _lab.Link.Connect();
        await _lab.UntilAsync(() => _lab.Texts().Contains($"{seq} historical"), "the new verdict is sent");
        if (sentence.Length > 0)
            await _lab.UntilAsync(() => Matches(sentence), $"a sentence: '{sentence}'");
        if (holder is not null)
            return;

        // What came over is sent, or was sent before, and all is on disk again. What was written before the damage was noticed may have gone with it.
        _lab.Add(outbox, ++seq);
        await _lab.UntilAsync(() => _lab.Texts().Any(text => text.StartsWith($"{seq}", StringComparison.Ordinal)), "the next verdict is sent");
        await _lab.UntilAsync(() => outbox.Verdicts is { Error: null, Unsaved: 0 }, "all is written");
        Assert.False(running.IsCompleted);
        var left = outbox.Verdicts.Find(new ReplayCommand { Camera = "top" }, int.MaxValue).Select(m => m.Headers.Seq).ToList();
        Assert.Contains(seq, left);
        if (what.Contains("page", StringComparison.Ordinal) && what.EndsWith("random", StringComparison.Ordinal) && what is not "page 1 is random")
            Assert.InRange(left.Count, 300, Stored + 2);
        _lab.Close();
        var after = _lab.Open();
        await _lab.Store.CheckAsync();
        Assert.Null(_lab.Store.Loss);
        Assert.Equal(left.Count, after.Verdicts.Find(new ReplayCommand { Camera = "top" }, int.MaxValue).Count);
    }

    [Fact]
    public async Task Where_the_top_pages_of_tables_are_damaged_verdicts_pictures_and_labels_are_read_from_their_pages()
    {
        var outbox = _lab.Open();
        for (var i = 1; i <= 200; i++)
        {
            // Every third message is longer than a page, and continues on others.
            var message = _lab.Add(outbox, i, size: i % 3 == 0 ? 9000 : 700);
            outbox.AddPicture(_lab.HeadersOf(i) with { Topic = "t/picture", ContentType = "image/png" }, message, "frame", new byte[10]);
        }

        await _lab.SavedAsync(outbox);
        for (var i = 1; i <= 200; i++)
        {
            var (id, isGood) = (OutboxLab.IdOf(i), i % 2 == 0);
            await _lab.Store.WriteAsync(c => PartLabels.Add(c, new PartLabel { VerdictId = id, Label = isGood ? "good" : "bad", By = "Ada", At = _lab.Clock.GetUtcNow(), Queue = "ng" }));
        }

        // These were deleted: they must not come back.
        await _lab.Store.WriteAsync(c => c.Run("DELETE FROM verdicts WHERE number <= 60"));
        var stored = Read();
        List<long> tops;
        using (var connection = _lab.Store.OpenRead())
            tops = connection.Read("SELECT rootpage FROM sqlite_schema WHERE name IN ('verdicts', 'pictures', 'labels')", row => row.GetInt64(0));
        _lab.Close();
        foreach (var top in tops)
            Overwrite(_lab.Database, (top - 1) * Page, Bytes(new Random(1), Page));

        _lab.Open();
        await _lab.Store.CheckAsync();
        Assert.Contains("140 verdicts, 0 triggers without one, 200 pictures and 200 labels came over", _lab.Store.Loss, StringComparison.Ordinal);
        Assert.Equal(stored, Read());

        List<string> Read()
        {
            using var connection = _lab.Store.OpenRead();
            return
            [
                .. connection.Read("SELECT number || id || camera || seq || at || total_ms || delivery || message || checksum FROM verdicts ORDER BY number", row => row.GetString(0)),
                .. connection.Read("SELECT number || verdict_id || kind || at || file || bytes || topic || camera || seq FROM pictures ORDER BY number", row => row.GetString(0)),
                .. connection.Read("SELECT number || verdict_id || label || by || at || queue FROM labels ORDER BY number", row => row.GetString(0)),
            ];
        }
    }

    private bool Matches(string sentence) => System.Text.RegularExpressions.Regex.IsMatch(_lab.Health.Current.Reason ?? "", sentence);

    private async Task<StationOutbox> FillAsync()
    {
        var outbox = _lab.Open();
        for (var i = 1; i <= Stored; i++)
        {
            var message = _lab.Add(outbox, i, size: 700);
            if (i <= Stored - Waiting)
                outbox.Verdicts.Acknowledge(message);
            if (i == Stored / 2)
            {
                await _lab.SavedAsync(outbox);
                File.Copy(_lab.Database, _lab.Database + ".older");
            }

            if (i % 50 == 0)
                await _lab.SavedAsync(outbox);
        }

        outbox.Add(_lab.Trigger(Stored + 1));
        await _lab.SavedAsync(outbox);
        // The note of the committed sequence numbers follows within a second.
        while (!Noted().Contains($"{Stored + 1}", StringComparison.Ordinal))
            await _lab.Store.WriteAsync(_ => { });
        return outbox;
    }

    /// <returns>Something that holds the database until it is disposed of; null where nothing does.</returns>
    private async Task<IDisposable?> DamageAsync(string what)
    {
        var (database, side, random) = (_lab.Database, _lab.Database + "-wal", new Random(1));
        var pages = (int)(new FileInfo(database).Length / Page);
        switch (what)
        {
            case "page 1 is zeros":
                Overwrite(database, 0, new byte[Page]);
                break;
            case "ten pages are random":
                for (var i = 0; i < 10; i++)
                    Overwrite(database, random.Next(2, pages) * Page, Bytes(random, Page));
                break;
            case "the last page is random":
                Overwrite(database, (pages - 1) * Page, Bytes(random, Page));
                break;
            case "the text of a verdict is changed":
                var at = File.ReadAllBytes(database).AsSpan().IndexOf("300          "u8);
                Overwrite(database, at, "301"u8);
                break;
            case "truncated to nothing":
                Truncate(database, 0);
                break;
            case "truncated to 100 bytes":
                Truncate(database, 100);
                break;
            case "truncated to half" or "truncated":
                Truncate(database, pages / 2 * Page);
                break;
            case "truncated by a page":
                Truncate(database, (pages - 1) * Page);
                break;
            case "truncated by 100 bytes":
                Truncate(database, new FileInfo(database).Length - 100);
                break;
            case "deleted" or "the database deleted, the side file left":
                File.Delete(database);
                break;
            case "another program's database":
                File.Delete(database);
                await SqlAsync(database, "CREATE TABLE theirs (a); PRAGMA application_id = 7");
                break;
            case "a text file":
                File.WriteAllText(database, string.Concat(Enumerable.Repeat("This is my diary.\n", 1000)));
                break;
            case "of a newer version":
                await SqlAsync(database, "ALTER TABLE verdicts ADD COLUMN more TEXT; PRAGMA user_version = 999");
                break;
            case "an older copy":
                File.Copy(database + ".older", database, overwrite: true);
                break;
            case "side file truncated to half":
                Truncate(side, new FileInfo(side).Length / 2);
                break;
            case "side file empty":
                Truncate(side, 0);
                break;
            case "side file deleted":
                File.Delete(side);
                break;
            case "side file random":
                File.WriteAllBytes(side, Bytes(random, (int)new FileInfo(side).Length));
                break;
            case "side file of another day":
                File.Copy(await SideFileOfAnotherDayAsync(), side, overwrite: true);
                break;
            case "index of the side file random":
                File.WriteAllBytes(database + "-shm", Bytes(random, 32768));
                break;
            case "the whole folder deleted":
                Directory.Delete(_lab.State, recursive: true);
                break;
            case "pages overwritten":
                await SqlAsync(database, "PRAGMA wal_checkpoint(TRUNCATE)");
                for (var i = pages / 2; i < pages; i++)
                    Overwrite(database, i * Page, Bytes(random, Page));
                break;
            case "another process holds it":
                var other = new SqliteConnection($"Data Source={database};Pooling=False");
                other.Open();
                other.Run("BEGIN IMMEDIATE");
                return other;
            case "a folder has its name":
                foreach (var file in Directory.GetFiles(_lab.State, "results.*"))
                    File.Delete(file);
                Directory.CreateDirectory(database);
                return new MemoryStream();
            default:
                var page = int.Parse(what.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
                Assert.InRange(page, 1, pages);
                Overwrite(database, (page - 1) * Page, Bytes(random, Page));
                break;
        }

        return null;
    }

    private string Noted()
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("cat", [Path.Combine(_lab.State, "results.lock")]) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd();
    }

    private static async Task<string> SideFileOfAnotherDayAsync()
    {
        await using var other = new OutboxLab();
        var outbox = other.Open();
        for (var i = 1; i <= 30; i++)
            other.Add(outbox, i, size: 500);
        await other.SavedAsync(outbox);
        var copy = Path.Combine(Path.GetTempPath(), $"mrfad-{Guid.NewGuid():N}-wal");
        other.Kill();
        File.Copy(other.Database + "-wal", copy);
        return copy;
    }

    private static async Task SqlAsync(string database, string statements)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        await using var command = connection.CreateCommand();
        command.CommandText = statements;
        await command.ExecuteNonQueryAsync();
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void Overwrite(string file, long at, ReadOnlySpan<byte> bytes)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        stream.Position = at;
        stream.Write(bytes);
    }

    private static void Truncate(string file, long length)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        stream.SetLength(length);
    }
}
