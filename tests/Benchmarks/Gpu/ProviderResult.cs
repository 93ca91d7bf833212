namespace MrfAd.Benchmarks.Gpu;

/// <param name="Works">It ran a graph.</param>
/// <param name="Reason">Why it does not, or which versions of NVIDIA's libraries it uses.</param>
/// <param name="Failure">What should not be so: the machine has all that it needs, and it does not run.</param>
public sealed record ProviderResult(string Provider, bool Works, string? Reason, string? Failure);
