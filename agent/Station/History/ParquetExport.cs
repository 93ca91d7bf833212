using MrfAd.Contracts;
using Parquet;
using Parquet.Schema;

namespace MrfAd.Station.History;

/// <summary>Writes verdicts as a Parquet file, a group of rows at a time.</summary>
internal static class ParquetExport
{
    // So many rows are in memory at once, some 10 MB.
    private const int GroupRows = 20_000;

    private static readonly DataField
        Number = new DataField<long>("number"), Id = new DataField<string>("id"), At = new DataField<DateTime>("at"), Camera = new DataField<string>("camera"), Product = new DataField<string>("product"),
        Seq = new DataField<long>("seq"), Trigger = new DataField<string>("trigger_id"), Serial = new DataField<string>("serial"), Verdict = new DataField<string>("verdict"), Cause = new DataField<string>("cause"),
        Score = new DataField<double?>("score"), Threshold = new DataField<double?>("threshold"), PValue = new DataField<double?>("p_value"), BankId = new DataField<string>("bank_id"),
        BankVersion = new DataField<long?>("bank_version"), TotalMs = new DataField<double>("total_ms"), Label = new DataField<string>("label"), Part = new DataField<string>("part");

    private static readonly ParquetSchema Schema =
        new(Number, Id, At, Camera, Product, Seq, Trigger, Serial, Verdict, Cause, Score, Threshold, PValue, BankId, BankVersion, TotalMs, Label, Part);

    public static async Task WriteAsync(IEnumerable<HistoryEntry> entries, Stream output, CancellationToken cancellation)
    {
        await using var buffer = new CountedBuffer();
        await using (var writer = await ParquetWriter.CreateAsync(Schema, buffer, cancellationToken: cancellation))
        {
            foreach (var rows in entries.Chunk(GroupRows))
            {
                using (var group = writer.CreateRowGroup())
                {
                    await WriteNumbersAsync(group, rows, cancellation);
                    await WriteTextsAsync(group, rows);
                }

                await buffer.MoveToAsync(output, cancellation);
            }
        }

        await buffer.MoveToAsync(output, cancellation);
    }

    private static async Task WriteNumbersAsync(ParquetRowGroupWriter group, HistoryEntry[] rows, CancellationToken cancellation)
    {
        // The columns must come in the order of the schema; WriteTextsAsync goes on after the last one here.
        await group.WriteAsync<long>(Number, rows.Select(r => r.Number).ToArray(), cancellationToken: cancellation);
        await group.WriteAsync(Id, rows.Select(r => r.Id.ToString()).ToArray());
        await group.WriteAsync<DateTime>(At, rows.Select(r => r.At.UtcDateTime).ToArray(), cancellationToken: cancellation);
        await group.WriteAsync(Camera, rows.Select(r => r.Camera).ToArray());
        await group.WriteAsync(Product, rows.Select(r => r.Product!).ToArray());
        await group.WriteAsync<long>(Seq, rows.Select(r => r.Seq).ToArray(), cancellationToken: cancellation);
    }

    private static async Task WriteTextsAsync(ParquetRowGroupWriter group, HistoryEntry[] rows)
    {
        await group.WriteAsync(Trigger, rows.Select(r => r.TriggerId).ToArray());
        await group.WriteAsync(Serial, rows.Select(r => r.Serial!).ToArray());
        await group.WriteAsync(Verdict, rows.Select(r => r.Verdict.ToText()).ToArray());
        await group.WriteAsync(Cause, rows.Select(r => r.Cause!).ToArray());
        await group.WriteAsync<double>(Score, rows.Select(r => r.Score).ToArray());
        await group.WriteAsync<double>(Threshold, rows.Select(r => r.Threshold).ToArray());
        await group.WriteAsync<double>(PValue, rows.Select(r => r.PValue).ToArray());
        await group.WriteAsync(BankId, rows.Select(r => r.BankId!).ToArray());
        await group.WriteAsync<long>(BankVersion, rows.Select(r => r.BankVersion).ToArray());
        await group.WriteAsync<double>(TotalMs, rows.Select(r => r.TotalMs).ToArray());
        await group.WriteAsync(Label, rows.Select(r => r.Label!).ToArray());
        await group.WriteAsync(Part, rows.Select(r => r.Part!).ToArray());
    }
}
