namespace MrfAd.Agent.Inspection;

/// <summary>What the encoder runs on.</summary>
public enum Provider
{
    Cpu,
}
