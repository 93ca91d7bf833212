namespace MrfAd.Engine.Search;

/// <summary>The values of a row that bound its product with a query when only the first coordinates of both are known.</summary>
/// <param name="Residual">The length of all coordinates of the row but the first ones, rounded up.</param>
/// <param name="Half">The value (1 − slack)‖b − μ‖²/2 of the row b.</param>
internal readonly record struct ResidualNorm(float Residual, float Half);
