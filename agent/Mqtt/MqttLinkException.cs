namespace MrfAd.Agent.Mqtt;

/// <summary>A message did not reach the broker; the text says why.</summary>
public sealed class MqttLinkException(string message, Exception? inner = null) : Exception(message, inner);
