namespace MrfAd.Engine.Search;

/// <summary>What decides about a row when only its first coordinates are known.</summary>
/// <param name="Rest">The length of all that they leave over, rounded up.</param>
/// <param name="Half">(1 − slack)‖b − μ‖²/2.</param>
internal readonly record struct RowRest(float Rest, float Half);
