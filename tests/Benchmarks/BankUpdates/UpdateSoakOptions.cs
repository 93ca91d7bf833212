namespace MrfAd.Benchmarks.BankUpdates;

/// <summary>How much an update has to stand.</summary>
/// <param name="Megabytes">Of the bank.</param>
/// <param name="Kills">SIGKILLs, of the sender or of the station, as it falls.</param>
/// <param name="Width">Of the parts' images, px.</param>
/// <param name="Seed">Of the moments and of who is killed.</param>
/// <param name="Patience">The soak fails when it is not over by then.</param>
public sealed record UpdateSoakOptions(int Megabytes, int Kills, int Width, int Height, int Seed, TimeSpan Patience);
