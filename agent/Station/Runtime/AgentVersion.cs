using System.Reflection;

namespace MrfAd.Station.Runtime;

/// <summary>The version of the agent that runs.</summary>
public static class AgentVersion
{
    /// <summary>As the build was given it, for example "0.1.0".</summary>
    public static string Current { get; } = typeof(AgentVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
