using Microsoft.Extensions.Logging;

namespace MrfAd.Agent.Mqtt;

/// <summary>Makes the link of the side this was built with (DependencySource).</summary>
public static class MqttLinks
{
    /// <param name="will">What the broker publishes when the connection is lost without a farewell; asked before each attempt to connect.</param>
    /// <exception cref="MqttLinkException">The client library is absent.</exception>
    public static IMqttLink Create(MqttOptions options, Func<MqttMessage?>? will, TimeProvider clock, ILogger logger)
    {
        LibMosquitto.Load();
        return new MosquittoLink(options, will, clock, logger);
    }
}
