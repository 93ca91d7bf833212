using System.Reflection;

namespace MrfAd.Station.Runtime;

/// <summary>The version of this agent.</summary>
public static class AgentVersion
{
    /// <summary>The version that the build was given, for example "0.1.0".</summary>
    public static string Current { get; } = typeof(AgentVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
