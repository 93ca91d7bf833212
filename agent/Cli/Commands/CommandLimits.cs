using System.Globalization;
using MrfAd.Engine.Images;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary>
/// The largest image that a command reads: as the bank needs it, or as is usual among the images of a folder. The environment variables that set the station's
/// limits, <c>MRFAD__IMAGES__MAX_MEGAPIXELS</c> and <c>MRFAD__IMAGES__MAX_MB</c>, set those of commands, too.
/// </summary>
internal static class CommandLimits
{
    private const string MaxMegapixels = "MRFAD__IMAGES__MAX_MEGAPIXELS", MaxMb = "MRFAD__IMAGES__MAX_MB";

    /// <returns>The limits that the environment sets; those that are known where it sets none.</returns>
    /// <exception cref="UsageException">A variable is no number.</exception>
    public static ImageLimits Over(ImageLimits known)
    {
        var options = new ImageOptions { MaxMegapixels = Number(MaxMegapixels), MaxMb = Number(MaxMb) };
        return options.Over(known) is var limits && options.MaxMegapixels is null ? limits : limits with { Reason = MaxMegapixels };
    }

    /// <returns>The limits of images that belong together.</returns>
    /// <inheritdoc cref="Over"/>
    public static ImageLimits OfImages(IReadOnlyList<string> paths) => Over(Number(MaxMegapixels) is null ? ImageFolder.Limits(paths) : ImageLimits.Default);

    private static double? Number(string variable) => Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw new UsageException($"{variable}: want a number above 0, got '{text}'");
}
