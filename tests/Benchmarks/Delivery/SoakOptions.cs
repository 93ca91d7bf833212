using System.Globalization;

namespace MrfAd.Benchmarks.Delivery;

/// <summary>The number of triggers and disturbances of a delivery soak.</summary>
/// <param name="Kills">Number of SIGKILLs to the agent, and the same number to the broker.</param>
/// <param name="Cuts">Number of times that the connection between them is cut, and the same number of times that it is slow for a second.</param>
/// <param name="Seed">Seed of the times of all disturbances.</param>
/// <param name="Timeout">Maximum duration of the soak, after which it fails.</param>
/// <param name="Fills">Number of times that the state folder's disk is full for two seconds.</param>
/// <param name="ReadOnly">Number of times that the agent is killed, finds its state folder on a read-only file system, and gets it back writable some seconds later.</param>
public sealed record SoakOptions(int Triggers, int Kills, int Cuts, int Seed, TimeSpan Timeout, int Fills = 1, int ReadOnly = 0)
{
    /// <summary>The names of the products of which each trigger chooses one at random; empty for a station without products.</summary>
    public IReadOnlyList<string> Products { get; init; } = [];

    /// <returns>The product that the trigger of a part chooses, the same at each call; null without products.</returns>
    public string? ProductOf(string part) =>
        Products.Count == 0 ? null : (_chosen ??= new Random(Seed).GetItems<string>([.. Products], Triggers))[int.Parse(part.AsSpan(part.LastIndexOf('-') + 1), CultureInfo.InvariantCulture) - 1];

    private string[]? _chosen;
}
