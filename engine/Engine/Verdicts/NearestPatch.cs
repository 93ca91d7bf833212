namespace MrfAd.Engine.Verdicts;

/// <summary>The normal patch nearest to a patch of the image, at one layer and scale.</summary>
/// <param name="Branch">Layer and scale, as in the bank: "stage2.0.3".</param>
/// <param name="Distance">Between the two features (eq. 5).</param>
/// <param name="Patch">The patch of the image, px.</param>
/// <param name="Image">The good image that the nearest patch is of.</param>
/// <param name="Place">Where it lies in that image, px; null where a bank's images differ in size, because its size is not recorded.</param>
public sealed record NearestPatch(string Branch, float Distance, PatchPlace Patch, string Image, PatchPlace? Place);
