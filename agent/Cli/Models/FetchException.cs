using MrfAd.Platform;

namespace MrfAd.Cli.Models;

/// <summary>A model could not be downloaded; the text says what was expected and what was received.</summary>
public sealed class FetchException(string message, Exception? inner = null) : MrfAdException(message, inner);
