namespace MrfAd.Station.Capture;

/// <summary>A source knows more about a frame that did not come than that it did not.</summary>
public sealed class NoFrameException(NoFrameCause cause, string message) : IOException(message)
{
    public NoFrameCause Cause => cause;
}
