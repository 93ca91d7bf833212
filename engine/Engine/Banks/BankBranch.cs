using MrfAd.Engine.Features;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Banks;

/// <summary>One bank M_{l,s} (eq. 4) that is about to be written into a file.</summary>
/// <param name="Search">The exact search over the bank's rows; it holds the rows, their projection and its axes.</param>
/// <param name="Sources">The number of the image and of the patch that each row was made of, [N, 2].</param>
/// <param name="Whitening">The whitening that the rows have gone through; null where there is none.</param>
internal sealed record BankBranch(string Name, ExactSearch Search, int[] Sources, PartialWhitening? Whitening);
