using System.Globalization;

namespace MrfAd.Testing;

/// <summary>The time that tests wait for what must come: so long that only a fault makes it end, on a busy machine too.</summary>
public static class TestTimeout
{
    private const string LoadAverage = "/proc/loadavg";

    // A processor that other machines share shows their processes too; a wait must still end before the whole run does.
    private const double MaxMinutes = 20;

    /// <summary>A minute, and as many times that as there are processes for each processor at present, up to 20.</summary>
    public static TimeSpan Value => TimeSpan.FromMinutes(Math.Clamp(RunnableProcesses() / Environment.ProcessorCount, 1, MaxMinutes));

    // The first figure is the mean of the last minute; the fourth, "running/all", the count at this moment.
    private static double RunnableProcesses()
    {
        if (!File.Exists(LoadAverage))
            return 0;
        var figures = File.ReadAllText(LoadAverage).Split(' ');
        return Math.Max(double.Parse(figures[0], CultureInfo.InvariantCulture), double.Parse(figures[3].Split('/')[0], CultureInfo.InvariantCulture));
    }
}
