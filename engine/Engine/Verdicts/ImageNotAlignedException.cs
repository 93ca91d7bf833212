namespace MrfAd.Engine.Verdicts;

/// <summary>An image shows no part that could be aligned to the reference of the good images.</summary>
public sealed class ImageNotAlignedException(ImageFault fault) : ImageMismatchException(fault.ToString())
{
    /// <summary>The measured quality, and the limit that it is below.</summary>
    public ImageFault Fault => fault;
}
