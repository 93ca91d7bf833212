namespace MrfAd.Station.Mqtt;

/// <summary>The problems that a link has at one moment while it is, or could be, connected.</summary>
public sealed record LinkProblems
{
    // More topics than these make no sentence that somebody reads.
    private const int MaxNamed = 3;

    /// <summary>A link without problems.</summary>
    public static readonly LinkProblems None = new();

    /// <summary>The topics that the broker refuses for now, in the order of their names; empty while there is no connection.</summary>
    public IReadOnlyList<RefusedTopic> Refused { get; init; } = [];

    /// <summary>The number of messages since the start that the broker can never accept; they are lost.</summary>
    public long Dropped { get; init; }

    /// <summary>The last message that the broker can never accept: its topic, and why.</summary>
    public RefusedTopic? LastDropped { get; init; }

    /// <summary>One sentence that says that another client uses this client's id; null while none is known.</summary>
    public string? ClientIdConflict { get; init; }

    /// <summary>One sentence that names the refused topics and the reasons; null where there are none.</summary>
    public string? Refusal => Refused.Count == 0 ? null : $"the broker refuses {string.Join("; ", Refused.GroupBy(t => (t.IsSubscription, t.Reason)).Select(Describe))}";

    /// <summary>One sentence about the messages that the broker can never accept; null where there were none.</summary>
    public string? Loss => LastDropped is null ? null : $"{Dropped} {(Dropped == 1 ? "message was" : "messages were")} dropped that the broker can never accept, the last on '{LastDropped.Topic}': {LastDropped.Reason}";

    private static string Describe(IGrouping<(bool IsSubscription, string Reason), RefusedTopic> group)
    {
        var named = string.Join(", ", group.Take(MaxNamed).Select(t => $"'{t.Topic}'"));
        var more = group.Count() - MaxNamed;
        return $"{(group.Key.IsSubscription ? "the subscription to" : "messages on")} {named}{(more > 0 ? $" and {more} more" : "")}: {group.Key.Reason}";
    }
}
