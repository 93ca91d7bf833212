namespace MrfAd.Engine.Datasets;

/// <summary>One object (category) of a data set, which has a bank and a test of its own.</summary>
/// <param name="Train">Paths of good images to learn from.</param>
/// <param name="HeldOut">Good images that are neither learned nor tested (MVTec AD 2's validation); they may give a threshold.</param>
/// <param name="Test">The images to test, the labelled ones first.</param>
public sealed record DatasetObject(string Name, DatasetLayout Layout, IReadOnlyList<string> Train, IReadOnlyList<DatasetImage> HeldOut, IReadOnlyList<DatasetImage> Test)
{
    /// <summary>MVTec AD 2's objects, in the order of its paper.</summary>
    public static IReadOnlyList<string> MvtecAd2Names { get; } = ["can", "fabric", "fruit_jelly", "rice", "sheet_metal", "vial", "wallplugs", "walnuts"];
}
