using MrfAd.Engine.Search;

namespace MrfAd.Engine.Banks;

/// <summary>One bank M_{l,s} on its way into a file.</summary>
/// <param name="Search">Over its rows; keeps them, their projection and the axes.</param>
/// <param name="Sources">[N, 2]: image and patch of each row.</param>
internal sealed record BankBranch(string Name, ExactSearch Search, int[] Sources);
