using System.Text.Json.Serialization;

namespace MrfAd.Cli.Upgrades;

/// <summary>A version of the program on this machine.</summary>
/// <param name="Folder">The folder that its package holds.</param>
/// <param name="Version">Its version, for example "0.2.0".</param>
public sealed record InstalledVersion(string Folder, string Version)
{
    /// <summary>The program itself.</summary>
    [JsonIgnore]
    public string Program => ProgramIn(Folder);

    public static string ProgramIn(string folder) => Path.Combine(folder, "agent", "mrfad");
}
