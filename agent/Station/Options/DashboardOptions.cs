namespace MrfAd.Station.Options;

/// <summary>The page that the agent serves, at <see cref="Station.Options.HttpOptions"/>.</summary>
public sealed record DashboardOptions
{
    public bool Enabled { get; init; } = true;

    /// <summary>Holds the token that the page asks for before it changes anything. Null: nothing can be changed from the page.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Who wants to look needs the token as well.</summary>
    public bool Closed { get; init; }

    /// <summary>Verdicts with pictures to look back on, per camera.</summary>
    public int Keep { get; init; } = 200;

    /// <summary>The page <c>/plant</c> shows all stations of the broker, heard by this one while somebody watches.</summary>
    public bool Plant { get; init; }
}
