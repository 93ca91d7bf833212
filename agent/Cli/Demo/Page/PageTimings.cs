namespace MrfAd.Cli.Demo.Page;

/// <summary>The stages of one verdict, ms, as the message gave them.</summary>
public sealed record PageTimings(double Decode, double Features, double Search, double Fuse, double Total);
