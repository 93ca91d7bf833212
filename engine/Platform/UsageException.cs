namespace MrfAd.Platform;

/// <summary>The user gave something that cannot be used; the text names it, the wanted and the got. Ends with exit code 2.</summary>
public sealed class UsageException(string message) : MrfAdException(message);
