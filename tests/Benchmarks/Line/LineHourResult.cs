using System.Globalization;

namespace MrfAd.Benchmarks.Line;

/// <param name="Samples">The agent's resident memory after so many parts.</param>
public sealed record LineHourResult(int Parts, int Verdicts, TimeSpan Duration, IReadOnlyList<(int Part, double Megabytes)> Samples)
{
    // One kept frame of the test's 18 kB in ten parts would be 6.6.
    private const double MostMegabytesAnHour = 5;

    // Of a normal: 95 % to both sides.
    private const double Interval = 1.96;

    /// <summary>Each trigger has its verdict, and memory is not seen to grow.</summary>
    public bool IsPassed => Verdicts == Parts && Slope().Low <= MostMegabytesAnHour;

    /// <summary>Of the line of least squares through the samples, MB in an hour of a line with a part a second, with its interval of 95 %.</summary>
    public (double Low, double Slope, double High) Slope()
    {
        var (n, x, y) = (Samples.Count, Samples.Average(s => s.Part), Samples.Average(s => s.Megabytes));
        var spread = Samples.Sum(s => (s.Part - x) * (s.Part - x));
        var slope = Samples.Sum(s => (s.Part - x) * (s.Megabytes - y)) / spread;
        var residual = Samples.Sum(s => Math.Pow(s.Megabytes - y - (slope * (s.Part - x)), 2));
        var error = Interval * Math.Sqrt(residual / (n - 2) / spread);
        return (LineHour.PartsPerHour * (slope - error), LineHour.PartsPerHour * slope, LineHour.PartsPerHour * (slope + error));
    }

    public override string ToString()
    {
        var (low, slope, high) = Slope();
        var every = Math.Max(1, Samples.Count / 12);
        var shown = Samples.Where((_, i) => i % every == 0).Append(Samples[^1]).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Part / 60.0:0}: {s.Megabytes:0.0}"));
        return string.Create(CultureInfo.InvariantCulture, $"""
            {(IsPassed ? "passed" : "FAILED")}: {Parts / 60.0:0} minutes of a line with a part a second, {Parts} triggers, {Verdicts} verdicts, in {Duration.TotalSeconds:0} s with the warm-up
            resident MB by minute: {string.Join(", ", shown)}
            slope {slope:+0.00;-0.00} MB/h, 95 % interval {low:+0.00;-0.00} to {high:+0.00;-0.00}
            """);
    }
}
