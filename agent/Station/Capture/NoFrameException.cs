namespace MrfAd.Station.Capture;

/// <summary>A frame did not come, and the source knows the cause.</summary>
public sealed class NoFrameException(NoFrameCause cause, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>The cause.</summary>
    public NoFrameCause Cause => cause;
}
