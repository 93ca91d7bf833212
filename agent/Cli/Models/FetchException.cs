using MrfAd.Platform;

namespace MrfAd.Cli.Models;

/// <summary>A model could not be fetched; the text says what was wanted and what came.</summary>
public sealed class FetchException(string message, Exception? inner = null) : MrfAdException(message, inner);
