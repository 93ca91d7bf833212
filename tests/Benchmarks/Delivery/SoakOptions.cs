namespace MrfAd.Benchmarks.Delivery;

/// <summary>How much a soak has to stand.</summary>
/// <param name="Kills">SIGKILLs, of the agent and of the broker, each so many.</param>
/// <param name="Cuts">Of the line between them; and as many times it is slow for a second.</param>
/// <param name="Seed">Of the moments of all that.</param>
/// <param name="Patience">The soak fails when it is not over by then.</param>
public sealed record SoakOptions(int Triggers, int Kills, int Cuts, int Seed, TimeSpan Patience);
