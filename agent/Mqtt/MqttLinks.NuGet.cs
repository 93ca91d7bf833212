using Microsoft.Extensions.Logging;

namespace MrfAd.Agent.Mqtt;

/// <summary>Makes the link of the side this was built with (DependencySource).</summary>
public static class MqttLinks
{
    /// <param name="will">What the broker publishes when the connection is lost without a farewell.</param>
    /// <exception cref="MqttLinkException">The password file cannot be read.</exception>
    public static IMqttLink Create(MqttOptions options, MqttMessage? will, TimeProvider clock, ILogger logger) =>
        throw new NotImplementedException();
}
