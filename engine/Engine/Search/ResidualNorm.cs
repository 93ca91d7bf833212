namespace MrfAd.Engine.Search;

/// <summary>What bounds a row's product with a query when only the first coordinates of both are known.</summary>
/// <param name="Residual">The length of all coordinates of the row but the first ones, rounded up.</param>
/// <param name="Half">(1 − slack)‖b − μ‖²/2.</param>
internal readonly record struct ResidualNorm(float Residual, float Half);
