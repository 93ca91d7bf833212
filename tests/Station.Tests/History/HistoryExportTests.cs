using System.Text;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Station.History;
using Parquet;

namespace MrfAd.Station.Tests.History;

public sealed class HistoryExportTests
{
    private static readonly HistoryEntry Part = new()
    {
        Number = 7,
        Id = Guid.Parse("01972b5c-0000-7000-8000-000000000001"),
        Camera = "top",
        Product = "cap, \"blue\"",
        Seq = 4,
        TriggerId = "part-7",
        Serial = null,
        At = new DateTimeOffset(2026, 11, 29, 6, 0, 0, 125, TimeSpan.Zero),
        Verdict = Verdict.Ng,
        Score = 31.25,
        Threshold = 20,
        BankId = "cap",
        BankVersion = 3,
        TotalMs = 95.5,
    };

    [Fact]
    public async Task Csv_quotes_what_needs_it_and_has_a_header()
    {
        var lines = Encoding.UTF8.GetString(await WriteAsync(ExportFormat.Csv, [Part])).Split("\r\n");

        Assert.Equal("number,id,at,camera,product,seq,trigger_id,serial,verdict,cause,score,threshold,p_value,bank_id,bank_version,total_ms,label,part", lines[0]);
        Assert.Equal("7,01972b5c-0000-7000-8000-000000000001,2026-11-29T06:00:00.125Z,top,\"cap, \"\"blue\"\"\",4,part-7,,NG,,31.25,20,,cap,3,95.5,,", lines[1]);
        Assert.Equal("", lines[2]);
    }

    [Fact]
    public async Task Json_lines_are_one_object_a_line()
    {
        var lines = Encoding.UTF8.GetString(await WriteAsync(ExportFormat.Jsonl, [Part, Part])).Split('\n');

        Assert.Equal(3, lines.Length);
        Assert.Equal("NG", (string)JsonNode.Parse(lines[1])!["verdict"]!);
        Assert.Equal(31.25, (double)JsonNode.Parse(lines[0])!["score"]!);
    }

    [Fact]
    public async Task Parquet_in_several_groups_of_rows_reads_back_as_it_was()
    {
        var parts = Enumerable.Range(0, 45_000).Select(i => Part with { Number = i, Score = i % 3 == 0 ? null : i, Label = i == 44_999 ? "good" : null, Part = i == 3 ? "P-17" : null }).ToList();

        using var file = new MemoryStream(await WriteAsync(ExportFormat.Parquet, parts));

        await using var reader = await ParquetReader.CreateAsync(file, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(3, reader.RowGroupCount);
        var (numbers, scores, labels) = (new List<long>(), new List<double?>(), new List<string?>());
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            using var group = reader.OpenRowGroupReader(g);
            var rows = (int)group.RowCount;
            var (number, score, label) = (new long[rows], new double?[rows], new string[rows]);
            await group.ReadAsync<long>(reader.Schema.DataFields.Single(f => f.Name == "number"), number, cancellationToken: TestContext.Current.CancellationToken);
            await group.ReadAsync<double>(reader.Schema.DataFields.Single(f => f.Name == "score"), score, cancellationToken: TestContext.Current.CancellationToken);
            await group.ReadAsync(reader.Schema.DataFields.Single(f => f.Name == "label"), label, cancellationToken: TestContext.Current.CancellationToken);
            numbers.AddRange(number);
            scores.AddRange(score);
            labels.AddRange(label);
        }

        Assert.Equal(parts.Select(p => p.Number), numbers);
        Assert.Equal(parts.Select(p => p.Score), scores);
        Assert.Equal("good", labels[^1]);
        Assert.Null(labels[0]);
    }

    private static async Task<byte[]> WriteAsync(ExportFormat format, IEnumerable<HistoryEntry> parts)
    {
        using var output = new AsyncOnly();
        await HistoryExport.WriteAsync(format, parts, output, TestContext.Current.CancellationToken);
        return output.ToArray();
    }

    /// <summary>A stream that, like a response's body, takes neither synchronous writes nor questions for its position.</summary>
    private sealed class AsyncOnly : MemoryStream
    {
        private bool _isAsync;

        public override bool CanSeek => false;

        public override long Position
        {
            get => _isAsync ? base.Position : throw new NotSupportedException();
            set => base.Position = value;
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (!_isAsync)
                throw new InvalidOperationException("synchronous operations are disallowed");
            base.Write(buffer, offset, count);
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _isAsync = true;
            await base.WriteAsync(buffer, cancellationToken);
            _isAsync = false;
        }
    }
}
