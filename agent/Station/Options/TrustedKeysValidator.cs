using MrfAd.Contracts;

namespace MrfAd.Station.Options;

/// <summary>Checks a list of trusted keys and returns one sentence for each fault.</summary>
internal static class TrustedKeysValidator
{
    /// <param name="path">The path of the list in the configuration, such as "updates.trusted_keys"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(IReadOnlyList<TrustedKey> keys, string path)
    {
        foreach (var fault in keys.Select(key => OptionChecks.FileFault(key.PublicKeyFile)).OfType<string>())
            yield return $"{path}: {fault}";
        foreach (var twice in keys.GroupBy(key => key.Id).Where(g => g.Count() > 1 || g.Key.Length is 0 or > StationTopics.MaxNameLength))
            yield return $"{path}: '{twice.Key}': want ids of 1 to {StationTopics.MaxNameLength} characters, each once";
    }
}
