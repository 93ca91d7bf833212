namespace MrfAd.Cli.Upgrades;

/// <summary>What was found in a package.</summary>
/// <param name="Folder">The name of the one folder that it holds.</param>
/// <param name="Bytes">The size of all its files together.</param>
public sealed record PackageContents(string Folder, long Bytes, ProgramDescription Description);
