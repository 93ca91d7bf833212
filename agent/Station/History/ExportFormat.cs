namespace MrfAd.Station.History;

/// <summary>The formats in which verdicts are exported.</summary>
public enum ExportFormat
{
    /// <summary>Comma-separated values with a header (RFC 4180).</summary>
    Csv,

    /// <summary>One JSON object a line.</summary>
    Jsonl,

    /// <summary>Apache Parquet.</summary>
    Parquet,
}
