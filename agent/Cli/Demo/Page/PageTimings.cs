namespace MrfAd.Cli.Demo.Page;

/// <summary>Duration of each stage of one verdict in milliseconds, as in the message.</summary>
public sealed record PageTimings(double Decode, double Features, double Search, double Fuse, double Total);
