namespace MrfAd.Integration.Tests.Attacks;

/// <summary>One thing that an attacker does to a running station.</summary>
/// <param name="Name">The attack in a few words.</param>
/// <param name="Expected">A text that the outcome contains where the station withstands it.</param>
/// <param name="Run">Carries out the attack and returns its outcome.</param>
internal sealed record Attack(string Name, string Expected, Func<AttackedStation, Task<string>> Run)
{
    /// <summary>The number of verdicts of the camera 'line' that the attack may bring about: its triggers are allowed to anybody.</summary>
    public int Triggers { get; init; }
}
