using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Systemd;

public sealed class UnitTests
{
    private static readonly string[] Unit = File.ReadAllLines(Path.Combine(Repository.Root, "systemd", "mrfad.service"));

    [Fact]
    public void Cameras_GPIO_and_GPU_are_not_taken_away()
    {
        // Allowing one device forbids all others, and ProtectClock= allowed one before systemd 253.
        foreach (var setting in (string[])["PrivateDevices=", "DevicePolicy=", "DeviceAllow=", "ProtectClock="])
            Assert.DoesNotContain(Unit, line => line.StartsWith(setting, StringComparison.Ordinal));
    }

    [Fact]
    public void An_agent_that_takes_too_much_memory_is_ended_and_started_again_and_nothing_beside_it() =>
        Assert.Subset(Unit.ToHashSet(), new HashSet<string> { "MemoryMax=80%", "OOMPolicy=stop", "Restart=always" });

    [Fact]
    public void Each_device_profile_has_a_drop_in_with_its_memory()
    {
        var profiles = Directory.GetFiles(Path.Combine(Repository.Root, "devices"), "*.json").Where(file => File.ReadAllText(file).Contains("\"memory_mb\"", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(profiles);
        Assert.All(profiles, file => Assert.Contains(
            FormattableString.Invariant($"MemoryMax={DeviceProfile.Read(file).Device!.MemoryMb}M"),
            File.ReadAllLines(Path.Combine(Repository.Root, "systemd", "memory", Path.GetFileNameWithoutExtension(file) + ".conf"))));
    }

    [Fact]
    public void A_camera_or_a_broker_that_is_away_does_not_keep_the_station_from_starting() =>
        Assert.DoesNotContain(Unit, line => (line.StartsWith("ExecStartPre=", StringComparison.Ordinal) && line[13] != '-') || line.StartsWith("ExecCondition=", StringComparison.Ordinal));
}
