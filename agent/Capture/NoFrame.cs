namespace MrfAd.Agent.Capture;

/// <summary>Why a trigger has no judged image: the verdict's reason.</summary>
/// <param name="Text">One sentence.</param>
public sealed record NoFrame(NoFrameCause Cause, string Text);
