using MrfAd.Platform;

namespace MrfAd.Engine.Banks;

/// <summary>A bank file is damaged or not a bank, or does not fit the encoder; the text names the file and the section. The current bank stays.</summary>
public sealed class BankFormatException(string message, Exception? inner = null) : MrfAdException(message, inner);
