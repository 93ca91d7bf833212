namespace MrfAd.Engine.Features;

/// <summary>One resized version x_s of the image.</summary>
/// <param name="Scale">s as asked for; the view's name.</param>
/// <param name="Factor">The factor really used: s, or more where the image is small.</param>
/// <param name="Width">px.</param>
/// <param name="Height">px.</param>
public sealed record View(double Scale, double Factor, int Width, int Height);
