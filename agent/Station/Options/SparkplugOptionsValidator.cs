using MrfAd.Contracts;

namespace MrfAd.Station.Options;

/// <summary>Names what is wrong with the options of the Sparkplug node, one sentence a fault.</summary>
internal static class SparkplugOptionsValidator
{
    /// <param name="path">Of the options in the configuration.</param>
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
