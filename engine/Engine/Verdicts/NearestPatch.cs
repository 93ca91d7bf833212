namespace MrfAd.Engine.Verdicts;

/// <summary>The normal patch nearest to a patch of the image, at one layer and scale.</summary>
/// <param name="Branch">The layer and scale, as named in the bank, e.g. "stage2.0.3".</param>
/// <param name="Distance">The L2 distance between the two features (eq. 5).</param>
/// <param name="Patch">The patch of the image, px.</param>
/// <param name="Image">The name of the good image that contains the nearest patch.</param>
/// <param name="Place">The rectangle of the nearest patch in that image, px, in the upright image where frames are aligned; null where a bank's images differ in size, because their sizes are not recorded.</param>
public sealed record NearestPatch(string Branch, float Distance, PatchPlace Patch, string Image, PatchPlace? Place);
