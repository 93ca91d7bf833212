namespace MrfAd.Engine.Features;

/// <summary>Returns the features of a branch for the image that was extracted last, as <see cref="FeaturePyramid.Branch"/> does; or of a pair, as <see cref="FeaturePyramid.Encoded"/> does.</summary>
public delegate PatchFeatures BranchFeatures(int branch);
