namespace MrfAd.Cli.Demo;

/// <summary>One image to judge, with its ground truth.</summary>
/// <param name="Kind">Name of the folder below <c>test</c>: "good", or the kind of defect.</param>
/// <param name="Path">Path of the image file.</param>
/// <param name="Mask">Path of the ground truth mask; null if there is none.</param>
public sealed record DemoPart(string Kind, string Path, string? Mask)
{
    public bool IsDefective => Kind != InspectionDataset.Good;

    /// <summary>Kind and file name, such as "crack/003": unique in the dataset, and the id of the trigger.</summary>
    public string Name => $"{Kind}/{System.IO.Path.GetFileNameWithoutExtension(Path)}";
}
