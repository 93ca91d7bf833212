using System.Diagnostics;
using MrfAd.Contracts;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>A watched folder of the real station where the kernel gives no events.</summary>
public sealed class WatchedFolderTests(LearnedStation learned) : StationTestBase(learned)
{
    // A user namespace has limits of its own, so no other process is affected.
    private static readonly string[] WithoutInotify = ["unshare", "--user", "--map-root-user", "sh", "-c", "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$@\"", "sh"];

    [Fact]
    public async Task Without_events_the_folder_is_looked_through_and_the_state_says_so()
    {
        Requires.OnPath("unshare", "util-linux");
        using (var probe = Process.Start(WithoutInotify[0], [.. WithoutInotify[1..], "true"]))
        {
            await probe.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.SkipUnless(probe.ExitCode == 0, "user namespaces are not allowed here (sysctl kernel.unprivileged_userns_clone=1, or run the tests as root)");
        }

        var cameras = """[{ "name": "folder", "source": "folder:parts?watch=true", "trigger": "free_run", "heatmap": { "publish": "never" } }]""";
        await using var agent = AgentProcess.Start(["run", "--config", Learned.Configure(Folder, Broker.Port, cameras)], within: WithoutInotify);
        var state = Listener.State(await Listener.UntilAsync(m => m.Topic == $"{Listener.Root}/state" && Listener.State(m).State is StationState.Ready));
        Assert.Matches("parts' is looked through every [0-9]+ s, since the system tells no changes", state.Reason); // less often where looking takes long
        Assert.Contains("is looked through every", agent.Log, StringComparison.Ordinal);

        var day = Path.Combine(Parts, "2026/11/29");
        Directory.CreateDirectory(day);
        foreach (var i in Enumerable.Range(1, 3))
        {
            // The last one takes the name of the first.
            LearnedStation.WritePart(Folder.File("next.png"), seed: 500 + i, defective: i == 3);
            File.Move(Folder.File("next.png"), Path.Combine(day, $"{(i == 3 ? 1 : i)}.png"), overwrite: true);
            Assert.Equal((i == 3 ? Verdict.Ng : Verdict.Ok, i), Assert.Single(await Listener.VerdictsAsync(1)) is var v ? (v.Verdict, (int)v.Seq) : default);
        }
    }

    [Fact]
    public async Task A_file_that_stays_broken_is_named_in_its_verdict_and_in_the_log()
    {
        await using var agent = Run("""[{ "name": "folder", "source": "folder:parts?watch=true", "trigger": "free_run" }]""");
        await Listener.StateAsync(StationState.Ready);
        Directory.CreateDirectory(Path.Combine(Parts, "day"));
        await File.WriteAllTextAsync(Path.Combine(Parts, "day/1.png"), "not a picture", TestContext.Current.CancellationToken);

        var verdict = Assert.Single(await Listener.VerdictsAsync(1));

        Assert.Equal(Verdict.Invalid, verdict.Verdict);
        Assert.Contains("day/1.png: not a PNG", verdict.Reason, StringComparison.Ordinal);
        Assert.Contains("day/1.png: not a PNG", agent.Log, StringComparison.Ordinal);
    }
}
