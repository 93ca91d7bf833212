namespace MrfAd.Station.Tests;

/// <summary>The collection of tests that measure the whole process, and so run without others in parallel.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
