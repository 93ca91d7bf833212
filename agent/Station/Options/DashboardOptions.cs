namespace MrfAd.Station.Options;

/// <summary>The options of the web page that the agent serves at <see cref="Station.Options.HttpOptions"/>.</summary>
public sealed record DashboardOptions
{
    /// <summary>Serves the page.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The file with the token that the page asks for before it changes anything; with null nothing can be changed from the page.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Shows the page only to those who have the token.</summary>
    public bool Closed { get; init; }

    /// <summary>The number of recent verdicts that the page keeps with their pictures, for each camera.</summary>
    public int Keep { get; init; } = 200;

    /// <summary>Serves the page <c>/plant</c> with all stations of the broker; this station subscribes to their messages while somebody watches.</summary>
    public bool Plant { get; init; }
}
