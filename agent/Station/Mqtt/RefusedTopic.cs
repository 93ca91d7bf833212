namespace MrfAd.Station.Mqtt;

/// <summary>A topic that the broker refuses at present.</summary>
/// <param name="Topic">The topic of a message, or the filter of a subscription.</param>
/// <param name="IsSubscription">True where the broker refuses the subscription to it, false where it refuses messages on it.</param>
/// <param name="Reason">The broker's reason in a few words, for example "not authorized".</param>
public sealed record RefusedTopic(string Topic, bool IsSubscription, string Reason);
