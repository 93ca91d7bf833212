using System.Globalization;
using MrfAd.Engine.Codes;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary>Checks that the code of a camera can be where it is looked for.</summary>
internal static class CodeCheck
{
    /// <summary>Compares the regions of cameras with the size of the images that their detector learned, and that it therefore wants.</summary>
    /// <exception cref="IOException">A region is not within the images; the message names it.</exception>
    public static void AgainstLearned(IEnumerable<CameraOptions> cameras, LearnedSize? learned)
    {
        foreach (var camera in cameras)
        {
            if (camera.Code?.Box is { } box && learned is { IsMixed: false } size && !box.IsWithin(size.Width, size.Height))
                throw new IOException($"camera {camera.Name}: code.region {box} is not within the images of {size.Width}x{size.Height} that '{size.Model}' learned");
        }
    }

    /// <summary>Reads the code of a frame. That there is none is no fault: there may be no part.</summary>
    /// <returns>A clause that says what was read, or why nothing was.</returns>
    /// <exception cref="ArgumentException">The region is not within the frame.</exception>
    public static string Read(CodeOptions options, Image frame, TimeProvider clock)
    {
        using var grey = CodeReader.Cut(frame, options.Box);
        var reading = new CodeReader(options.Formats, options.TimeLimit, clock).Read(grey, 0, 0);
        return string.Create(CultureInfo.InvariantCulture, $"{(reading.Text is { } text ? $"its {reading.Format!.Value.ToText()} code says '{text}'" : reading.Reason)} ({reading.Time.TotalMilliseconds:0} ms)");
    }
}
