using MrfAd.Cli.Upgrades;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Upgrades;

public sealed class UpgradeSwitchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly VersionsFolder _versions;
    private readonly UpgradeSwitch _switch;
    private readonly InstalledVersion _old, _new;

    public UpgradeSwitchTests()
    {
        _versions = new VersionsFolder(_folder.File("versions"), _folder.File("packaged"));
        _switch = new UpgradeSwitch(_versions, _clock);
        (_old, _new) = (new InstalledVersion(_folder.File("packaged"), "0.1.0"), new InstalledVersion(_folder.File("versions/0.2.0-00000000"), "0.2.0"));
        Directory.CreateDirectory(_new.Folder);
    }

    private UpgradeJournal Trial => new()
    {
        Phase = UpgradePhase.Trial,
        New = _new,
        Old = _old,
        OldStateVersion = 3,
        StateFolder = _folder.File("state"),
        Unit = "mrfad.service",
        Health = "127.0.0.1:9464",
        Deadline = _clock.GetUtcNow().AddMinutes(5),
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_an_open_upgrade_a_start_changes_nothing()
    {
        await _switch.SettleAsync(CancellationToken.None);

        Assert.Equal(_old.Folder, _versions.Current);
        Assert.Null(_versions.Last());
    }

    [Fact]
    public async Task An_accepted_version_stays_and_the_one_before_is_kept()
    {
        _switch.Begin(Trial);
        await _switch.SettleAsync(CancellationToken.None);

        Assert.True(_switch.Accept(Trial));

        await _switch.SettleAsync(CancellationToken.None);
        Assert.Equal(_new.Folder, _versions.Current);
        Assert.Equal((UpgradeResult.Accepted, _new, _old), (_versions.Last()!.Result, _versions.Last()!.Current, _versions.Last()!.Previous));
        Assert.Null(_versions.Journal());
    }

    [Fact]
    public async Task The_fourth_start_of_a_version_on_trial_starts_the_old_one()
    {
        _switch.Begin(Trial);
        for (var start = 1; start <= 3; start++)
        {
            await _switch.SettleAsync(CancellationToken.None);
            Assert.Equal(_new.Folder, _versions.Current);
        }

        await _switch.SettleAsync(CancellationToken.None);

        Assert.Equal(_old.Folder, _versions.Current);
        Assert.StartsWith("0.2.0 ended 3 times before it was Ready", _versions.Last()!.Reason, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_new.Folder));
        Assert.False(_switch.Accept(Trial));
    }

    [Fact]
    public async Task A_start_after_the_deadline_starts_the_old_version_also_where_the_new_one_never_ran()
    {
        _switch.Begin(Trial);
        _clock.Advance(TimeSpan.FromHours(1));

        await _switch.SettleAsync(CancellationToken.None);

        Assert.Equal(_old.Folder, _versions.Current);
        Assert.StartsWith("0.2.0 was not Ready by 2026-01-01 12:05:00Z", _versions.Last()!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kill_between_the_journal_and_the_link_is_put_right_by_the_next_start()
    {
        _versions.Create();
        _versions.Write(Trial);

        await _switch.SettleAsync(CancellationToken.None);
        Assert.Equal(_new.Folder, _versions.Current);

        _versions.Write(Trial with { Phase = UpgradePhase.Back, Reason = "it was asked for" });
        await _switch.SettleAsync(CancellationToken.None);
        Assert.Equal(_old.Folder, _versions.Current);
    }

    [Fact]
    public async Task A_damaged_journal_is_set_aside_and_the_current_version_starts()
    {
        _switch.Begin(Trial);
        await File.WriteAllTextAsync(_folder.File("versions/journal.json"), "{", TestContext.Current.CancellationToken);

        await _switch.SettleAsync(CancellationToken.None);

        Assert.Equal(_new.Folder, _versions.Current);
        Assert.True(File.Exists(_folder.File("versions/journal.json.damaged")));
    }

    [Fact]
    public void A_second_process_does_not_get_the_lock()
    {
        using (_versions.TryLock())
            Assert.Null(_versions.TryLock());
        using var again = _versions.TryLock();
        Assert.NotNull(again);
    }
}
