using MrfAd.Contracts;

namespace MrfAd.Station.Statistics;

/// <summary>The histograms of the time in each stage, in milliseconds.</summary>
public sealed class StageHistograms
{
    /// <summary>The names of the stages as in <c>timings_ms</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["queue", "decode", "mask", "features", "search", "fuse", "total"];

    private readonly LogHistogram[] _stages = [.. Names.Select(_ => new LogHistogram())];

    public LogHistogram this[string stage] => _stages[Names.Index().First(n => n.Item == stage).Index];

    /// <summary>Counts the stages that were reached.</summary>
    public void Add(VerdictTimings times)
    {
        ReadOnlySpan<double> values = [times.Queue, times.Decode, times.Mask, times.Features, times.Search, times.Fuse, times.Total];
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] > 0)
                _stages[i].Add(values[i]);
        }
    }

    internal void Write(List<byte> bytes)
    {
        foreach (var stage in _stages)
            stage.Write(bytes);
    }

    /// <exception cref="FormatException">The bytes are cut off or wrong.</exception>
    internal void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var stage in _stages)
            stage.Add(ref bytes);
    }
}
