using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MrfAd.Contracts;

namespace MrfAd.Station.History;

/// <summary>Writes verdicts to a stream, in constant memory and without synchronous writes.</summary>
public static class HistoryExport
{
    // Text is collected up to this size, in bytes, before it is written.
    private const int BufferSize = 64 * 1024;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (string Name, Func<HistoryEntry, object?> Value)[] Columns =
    [
        ("number", e => e.Number), ("id", e => e.Id), ("at", e => e.At), ("camera", e => e.Camera), ("product", e => e.Product), ("seq", e => e.Seq), ("trigger_id", e => e.TriggerId), ("serial", e => e.Serial),
        ("verdict", e => e.Verdict.ToText()), ("cause", e => e.Cause), ("score", e => e.Score), ("threshold", e => e.Threshold), ("p_value", e => e.PValue), ("bank_id", e => e.BankId), ("bank_version", e => e.BankVersion),
        ("total_ms", e => e.TotalMs), ("label", e => e.Label), ("part", e => e.Part),
    ];

    /// <returns>The content type of a format.</returns>
    public static string ContentType(ExportFormat format) => format switch
    {
        ExportFormat.Csv => "text/csv; charset=utf-8",
        ExportFormat.Jsonl => "application/jsonl",
        _ => "application/vnd.apache.parquet",
    };

    /// <returns>The format that a name such as "csv" stands for.</returns>
    /// <exception cref="FilterException">There is no such format.</exception>
    public static ExportFormat FormatOf(string name) => Enum.TryParse<ExportFormat>(name, ignoreCase: true, out var format) && Enum.IsDefined(format) && !char.IsAsciiDigit(name[0])
        ? format
        : throw new FilterException($"format: want csv, jsonl or parquet, got '{name}'");

    /// <summary>Writes all entries; the stream stays open.</summary>
    public static Task WriteAsync(ExportFormat format, IEnumerable<HistoryEntry> entries, Stream output, CancellationToken cancellation) => format switch
    {
        ExportFormat.Csv => WriteTextAsync(entries.Select(CsvLine).Prepend(string.Join(',', Columns.Select(c => c.Name)) + "\r\n"), output, cancellation),
        ExportFormat.Jsonl => WriteTextAsync(entries.Select(e => JsonSerializer.Serialize(e, Json) + "\n"), output, cancellation),
        _ => ParquetExport.WriteAsync(entries, output, cancellation),
    };

    private static async Task WriteTextAsync(IEnumerable<string> lines, Stream output, CancellationToken cancellation)
    {
        var buffer = new StringBuilder();
        foreach (var line in lines)
        {
            buffer.Append(line);
            if (buffer.Length < BufferSize)
                continue;
            await output.WriteAsync(Encoding.UTF8.GetBytes(buffer.ToString()), cancellation);
            buffer.Clear();
        }

        await output.WriteAsync(Encoding.UTF8.GetBytes(buffer.ToString()), cancellation);
    }

    private static string CsvLine(HistoryEntry entry) => string.Join(',', Columns.Select(c => CsvField(c.Value(entry)))) + "\r\n";

    private static string CsvField(object? value)
    {
        var text = value switch
        {
            null => "",
            DateTimeOffset at => at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
        return text.AsSpan().ContainsAny(",\"\r\n") ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;
    }
}
