namespace MrfAd.Station.Options;

/// <summary>Checks the limits of images and returns one sentence for each fault.</summary>
internal static class ImageOptionsValidator
{
    // 2 GB: an image is one array.
    private const double Max = 2000;

    /// <param name="path">The path of these options in the configuration; it begins each sentence.</param>
    public static IEnumerable<string> Validate(ImageOptions options, string path)
    {
        foreach (var (key, value) in ((string, double?)[])[("max_megapixels", options.MaxMegapixels), ("max_mb", options.MaxMb)])
        {
            if (value is { } limit && !(limit > 0 && limit <= Max))
                yield return FormattableString.Invariant($"{path}.{key}: want more than 0, at most {Max}, or null, got {limit}");
        }
    }
}
