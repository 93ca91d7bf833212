namespace MrfAd.Station.Options;

/// <summary>Names what is wrong with the options of Home Assistant's discovery, one sentence a fault.</summary>
internal static class HomeAssistantOptionsValidator
{
    /// <param name="path">Of the options in the configuration.</param>
    public static IEnumerable<string> Validate(HomeAssistantOptions options, string path)
    {
        if (OptionChecks.FaultIn(() => TopicFilter.Check(options.Prefix)) is not null || options.Prefix.AsSpan().ContainsAny("+#"))
            yield return $"{path}.prefix: want a topic, got '{options.Prefix}'";
    }
}
