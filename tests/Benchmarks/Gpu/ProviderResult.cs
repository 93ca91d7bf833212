namespace MrfAd.Benchmarks.Gpu;

/// <summary>The result of testing one provider.</summary>
/// <param name="Works">True if it ran a graph.</param>
/// <param name="Reason">The reason why it does not work, or the versions of NVIDIA's libraries that it uses.</param>
/// <param name="Failure">The error of a provider that does not run although the machine has all that it needs; null otherwise.</param>
public sealed record ProviderResult(string Provider, bool Works, string? Reason, string? Failure);
