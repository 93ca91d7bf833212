namespace MrfAd.Benchmarks.BankUpdates;

/// <summary>The size and the disturbances of an update soak.</summary>
/// <param name="Megabytes">Size of the bank in MB.</param>
/// <param name="Kills">Number of SIGKILLs, sent to the sender or the station at random.</param>
/// <param name="Width">Width of the parts' images in pixels.</param>
/// <param name="Height">Height of the parts' images in pixels.</param>
/// <param name="Seed">Seed of the times and targets of the kills.</param>
/// <param name="Timeout">Maximum duration of the soak, after which it fails.</param>
public sealed record UpdateSoakOptions(int Megabytes, int Kills, int Width, int Height, int Seed, TimeSpan Timeout);
