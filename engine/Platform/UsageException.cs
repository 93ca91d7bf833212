namespace MrfAd.Platform;

/// <summary>The user gave something that cannot be used; the text names it, the expected and the actual value. Ends with exit code 2.</summary>
public sealed class UsageException(string message) : MrfAdException(message);
