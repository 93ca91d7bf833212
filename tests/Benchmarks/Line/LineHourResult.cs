using System.Globalization;

namespace MrfAd.Benchmarks.Line;

/// <summary>The results of a memory soak.</summary>
/// <param name="Resident">Samples of the agent's resident memory in MB, with the number of parts before each.</param>
/// <param name="Managed">Samples of the managed heap after a collection in MB, with the number of parts before each.</param>
public sealed record LineHourResult(
    int Parts, int Verdicts, TimeSpan Duration, IReadOnlyList<(int Part, double Megabytes)> Resident, IReadOnlyList<(int Part, double Megabytes)> Managed)
{
    // Memory that is not collected yet varies by 40 MB. One leaked frame for each part would be 65 MB in an hour.
    private const double MaxGrowth = 40;

    private const double Fifth = 0.2;

    // Quantile of the normal distribution for a two-sided interval of 95 %.
    private const double Interval = 1.96;

    /// <summary>True if each trigger has its verdict and memory does not grow noticeably.</summary>
    public bool IsPassed => Verdicts == Parts && Growth <= MaxGrowth;

    /// <summary>Growth of resident memory from the first fifth of the samples to the last, MB.</summary>
    private double Growth => Resident.TakeLast((int)(Fifth * Resident.Count)).Average(s => s.Megabytes) - Resident.Take((int)(Fifth * Resident.Count)).Average(s => s.Megabytes);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        {(IsPassed ? "passed" : "FAILED")}: {Parts / 60.0:0} minutes of a line with a part a second, {Parts} triggers, {Verdicts} verdicts, in {Duration.TotalSeconds:0} s with the warm-up; from the first fifth to the last {Growth:+0.0;-0.0} MB
        {Text("resident", Resident)}
        {Text("managed", Managed)}
        managed MB, minimum of each quarter: {string.Join(", ", Managed.Chunk((Managed.Count + 3) / 4).Select(quarter => quarter.Min(s => s.Megabytes).ToString("0.0", CultureInfo.InvariantCulture)))}
        """);

    /// <summary>Slope of the least squares line through the samples, in MB per hour of a line with a part a second, with its 95 % interval.</summary>
    private static (double Low, double Slope, double High) Slope(IReadOnlyList<(int Part, double Megabytes)> samples)
    {
        var (n, x, y) = (samples.Count, samples.Average(s => s.Part), samples.Average(s => s.Megabytes));
        var spread = samples.Sum(s => (s.Part - x) * (s.Part - x));
        var slope = samples.Sum(s => (s.Part - x) * (s.Megabytes - y)) / spread;
        var residual = samples.Sum(s => Math.Pow(s.Megabytes - y - (slope * (s.Part - x)), 2));
        var error = Interval * Math.Sqrt(residual / (n - 2) / spread);
        return (LineHour.PartsPerHour * (slope - error), LineHour.PartsPerHour * slope, LineHour.PartsPerHour * (slope + error));
    }

    private static string Text(string kind, IReadOnlyList<(int Part, double Megabytes)> samples)
    {
        var (low, slope, high) = Slope(samples);
        var every = Math.Max(1, samples.Count / 12);
        var shown = samples.Where((_, i) => i % every == 0).Append(samples[^1]).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Part / 60.0:0}: {s.Megabytes:0.0}"));
        return string.Create(CultureInfo.InvariantCulture, $"{kind} MB by minute: {string.Join(", ", shown)}; slope {slope:+0.00;-0.00} MB/h, 95 % interval {low:+0.00;-0.00} to {high:+0.00;-0.00}");
    }
}
