namespace MrfAd.Engine.Banks;

/// <summary>How far learning has come.</summary>
/// <param name="Stage">"reading", "extracting", "calibrating", "writing".</param>
public readonly record struct LearnProgress(string Stage, int Done, int Total);
