namespace MrfAd.Station.Collecting;

/// <summary>The progress of learning a first model.</summary>
/// <param name="Stage">The stage: those of <see cref="Engine.Banks.LearnProgress"/>, then "signing" and "opening".</param>
/// <param name="Done">The number of the stage's steps that are done.</param>
/// <param name="Total">The number of the stage's steps.</param>
/// <param name="Parts">The number of good parts that are learned.</param>
public sealed record LearningProgress(string Stage, int Done, int Total, int Parts);
