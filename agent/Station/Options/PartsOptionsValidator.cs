namespace MrfAd.Station.Options;

/// <summary>Checks the options of parts of several views and returns one sentence for each fault.</summary>
internal static class PartsOptionsValidator
{
    private const int MaxLooks = 100;

    /// <param name="path">The path of these options in the configuration; it begins each sentence.</param>
    public static IEnumerable<string> Validate(StationOptions station, string path)
    {
        var options = station.Parts;
        foreach (var (i, view) in options.Views.Index())
        {
            var camera = station.Cameras.FirstOrDefault(c => c.Name == view.Camera);
            if (camera is null)
                yield return $"{path}.views[{i}].camera: want one of the cameras ({string.Join(", ", station.Cameras.Select(c => c.Name))}), got '{view.Camera}'";
            // An image by MQTT is a trigger of its own.
            else if (!camera.FramesAreSent && camera.Trigger is not (TriggerMode.Mqtt or TriggerMode.Http))
                yield return $"{path}.views[{i}].camera: '{view.Camera}' has the trigger '{MetricLabel.Of(camera.Trigger)}', want 'mqtt' or 'http': no other says which part it is for";
            if (view.Looks is < 1 or > MaxLooks)
                yield return $"{path}.views[{i}].looks: want 1 to {MaxLooks}, got {view.Looks}";
        }

        foreach (var twice in options.Views.GroupBy(view => view.Camera).Where(g => g.Count() > 1))
            yield return $"{path}.views: want each camera once, with its number of 'looks', got '{twice.Key}' {twice.Count()} times";
        if (!OptionChecks.IsTimer(options.Within))
            yield return $"{path}.within: want 1ms to 24h, got {options.Within.TotalSeconds:0.###}s";
        if (options.Gate is not { } gate)
            yield break;
        foreach (var fault in RejectOutputOptionsValidator.Validate(gate, $"{path}.gate"))
            yield return fault;
        if (options.Views.Count == 0)
            yield return $"{path}.gate: want {path}.views, without which no part gets a verdict";
        if (gate.Delay > TimeSpan.Zero && gate.Delay <= options.Within)
            yield return $"{path}.gate.delay: want 0s, or more than {path}.within ({options.Within.TotalSeconds:0.###}s), after which a part with a missing view is judged, got {gate.Delay.TotalSeconds:0.###}s";
    }
}
