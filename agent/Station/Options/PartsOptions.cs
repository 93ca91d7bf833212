namespace MrfAd.Station.Options;

/// <summary>The options of parts of several views: the verdicts of triggers with one part id become one verdict of the part.</summary>
public sealed record PartsOptions
{
    /// <summary>The views of a part; empty where the station judges each image for itself.</summary>
    public IReadOnlyList<PartViewOptions> Views { get; init; } = [];

    /// <summary>The time from a part's first trigger in which the triggers of its other views must have come.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Takes the serial number of a trigger as the part id where the trigger gives none.</summary>
    public bool SerialIsPart { get; init; }

    /// <summary>The reject output that the verdicts of parts drive, in place of those of their views' cameras; null where there is none. Its delay counts from the part's first trigger.</summary>
    public RejectOutputOptions? Gate { get; init; }

    /// <summary>Returns true where the camera's verdicts are views of parts.</summary>
    public bool IsView(string camera) => Views.Any(view => view.Camera == camera);
}
