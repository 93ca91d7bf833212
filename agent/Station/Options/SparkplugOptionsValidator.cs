using MrfAd.Contracts;

namespace MrfAd.Station.Options;

/// <summary>Checks the options of the Sparkplug node and returns one sentence for each fault.</summary>
internal static class SparkplugOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(SparkplugOptions options, string path)
    {
        foreach (var (key, name) in ((string, string?)[])[("group", options.Group), ("edge_node", options.EdgeNode), ("primary_host", options.PrimaryHost)])
        {
            if (name is not (null or "") && OptionChecks.FaultIn(() => StationTopics.Level(key, name)) is { } fault)
                yield return $"{path}.{key}: {fault}";
        }

        if (options.PrimaryHost is "")
            yield return $"{path}.primary_host: is empty; null means none";
    }
}
