namespace MrfAd.Engine.Defects;

/// <summary>How many painted defects of one kind were found.</summary>
/// <param name="Painted">The number of images on which such a defect could be painted.</param>
/// <param name="Found">The number of them in which the map reaches the threshold on the defect.</param>
public readonly record struct DefectsFound(DefectKind Kind, int Painted, int Found);
