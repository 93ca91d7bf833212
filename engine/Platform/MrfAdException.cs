namespace MrfAd.Platform;

/// <summary>An error that the user can act on; its message is a sentence that names the thing, the expected and the actual value.</summary>
public class MrfAdException(string message, Exception? inner = null) : Exception(message, inner);
