using MrfAd.Platform;

namespace MrfAd.Engine.Datasets;

/// <summary>A data set or a file of it is not as it should be; the text names it, the expected and the actual value.</summary>
public sealed class DatasetException(string message, Exception? inner = null) : MrfAdException(message, inner);
