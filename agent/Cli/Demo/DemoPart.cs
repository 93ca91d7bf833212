namespace MrfAd.Cli.Demo;

/// <summary>One image to judge, and what it really shows.</summary>
/// <param name="Kind">The folder's name below <c>test</c>: "good", or what is wrong.</param>
/// <param name="Path">Of the image.</param>
/// <param name="Mask">The image of the true defect; null where there is none.</param>
public sealed record DemoPart(string Kind, string Path, string? Mask)
{
    public bool IsDefective => Kind != InspectionDataset.Good;

    /// <summary>"crack/003": unique in its dataset, the trigger's id.</summary>
    public string Name => $"{Kind}/{System.IO.Path.GetFileNameWithoutExtension(Path)}";
}
