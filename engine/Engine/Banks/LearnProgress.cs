namespace MrfAd.Engine.Banks;

/// <summary>The progress of learning: how many of a stage's steps are done.</summary>
/// <param name="Stage">The name of the stage: "reading", "extracting", "choosing", "calibrating", "painting" or "writing".</param>
public readonly record struct LearnProgress(string Stage, int Done, int Total);
