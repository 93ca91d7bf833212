namespace MrfAd.Station.Options;

/// <summary>Checks the options of Home Assistant's discovery and returns one sentence for each fault.</summary>
internal static class HomeAssistantOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(HomeAssistantOptions options, string path)
    {
        if (OptionChecks.FaultIn(() => TopicFilter.Check(options.Prefix)) is not null || options.Prefix.AsSpan().ContainsAny("+#"))
            yield return $"{path}.prefix: want a topic, got '{options.Prefix}'";
    }
}
