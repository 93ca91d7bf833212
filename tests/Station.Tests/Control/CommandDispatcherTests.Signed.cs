using System.Security.Cryptography;
using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Control;
using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Control;

/// <summary>Commands that must be signed.</summary>
public sealed partial class CommandDispatcherTests
{
    [Fact]
    public async Task A_station_that_trusts_keys_takes_a_command_signed_by_one_of_them_once()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await StartAsync(key);

        var signed = Signed(key, "count", "n1");
        Assert.True((await AskAsync("count", signed, 1)).Accepted);
        Assert.Equal("used before", LastWords((await AskAsync("count", signed, 2)).Error!));
        Assert.Equal("does not fit", LastWords((await AskAsync("count", Signed(stranger, "count", "n2"), 3)).Error!));
        Assert.Equal("does not fit", LastWords((await AskAsync("count", Signed(key, "crash", "n3"), 4)).Error!));
        Assert.Equal("not trusted", LastWords((await AskAsync("count", Signed(key, "count", "n4", "nobody"), 5)).Error!));
        Assert.Equal(CommandErrorCode.NotAuthorized, (await AskAsync("count", "{}", 6)).Error!.Code);
        var old = Signed(key, "count", "n5");
        _clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(CommandErrorCode.Expired, (await AskAsync("count", old, 7)).Error!.Code);
        Assert.Equal(1, _counting.Count);

        static string LastWords(CommandError error) => error.Code != CommandErrorCode.NotAuthorized ? $"{error.Code}"
            : error.Message.Contains("before", StringComparison.Ordinal) ? "used before"
            : error.Message.Contains("fit", StringComparison.Ordinal) ? "does not fit" : "not trusted";
    }

    [Fact]
    public async Task A_signed_command_cannot_be_used_again_after_a_restart()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await StartAsync(key);
        var signed = Signed(key, "count", "n1");
        Assert.True((await AskAsync("count", signed, 1)).Accepted);
        await _desk!.StopAsync(CancellationToken.None);
        _desk.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(10));

        await StartAsync(key);
        Assert.Equal(CommandErrorCode.Expired, (await AskAsync("count", signed, 2)).Error?.Code);
        Assert.True((await AskAsync("count", Signed(key, "count", "n2"), 3)).Accepted);
    }

    [Fact]
    public async Task A_signed_command_cannot_be_used_again_once_the_clock_was_put_forth_and_back()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await StartAsync(key);
        var signed = Signed(key, "count", "n1");
        Assert.True((await AskAsync("count", signed, 1)).Accepted);
        _clock.AdjustTime(_clock.GetUtcNow() + TimeSpan.FromHours(1));
        Assert.True((await AskAsync("count", Signed(key, "count", "n2"), 2)).Accepted);

        _clock.AdjustTime(_clock.GetUtcNow() - TimeSpan.FromHours(1));

        Assert.Equal(CommandErrorCode.NotAuthorized, (await AskAsync("count", signed, 3)).Error?.Code);
    }

    [Fact]
    public async Task A_signed_command_cannot_be_used_again_by_cutting_its_text_elsewhere()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await StartAsync(key);

        Assert.True((await AskAsync("count", Signed(key, "count", "n1", body: "\n{}"), 1)).Accepted);
        Assert.Equal(CommandErrorCode.NotAuthorized, (await AskAsync("count", Signed(key, "count", "n1\n", body: "{}"), 2)).Error?.Code);
    }

    [Theory]
    [InlineData(CommandKind.Change, false, false)]
    [InlineData(CommandKind.Change, true, true)]
    [InlineData(CommandKind.Read, false, true)]
    [InlineData(CommandKind.Trigger, false, true)]
    public async Task Where_no_key_is_trusted_only_a_change_is_refused_unless_the_configuration_allows_it(CommandKind kind, bool allowed, bool isAccepted)
    {
        _counting.Kind = kind;
        await StartAsync(options: new ControlOptions { AllowUnsigned = allowed });

        var reply = await AskAsync("count", "{}", 1);

        Assert.Equal(isAccepted ? null : CommandErrorCode.NotAuthorized, reply.Error?.Code);
        if (!isAccepted)
            Assert.Contains("'count' changes how parts are judged and must be signed", reply.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CommandKind.Change, "", false)]
    [InlineData(CommandKind.Read, "", true)]
    [InlineData(CommandKind.Trigger, "", true)]
    [InlineData(CommandKind.Trigger, "Trigger", false)]
    [InlineData(CommandKind.Read, "Trigger", true)]
    [InlineData(CommandKind.Read, "Read", false)]
    public async Task Where_a_key_is_trusted_changes_must_be_signed_and_other_kinds_as_configured(CommandKind kind, string alsoSigned, bool isAccepted)
    {
        using var office = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _counting.Kind = kind;
        await StartAsync(office, new ControlOptions { AlsoSigned = alsoSigned.Length == 0 ? [] : [Enum.Parse<CommandKind>(alsoSigned)] });

        Assert.Equal(isAccepted, (await AskAsync("count", "{}", 1)).Accepted);
        Assert.True((await AskAsync("count", Signed(office, "count", "n1"), 2)).Accepted);
        Assert.False((await AskAsync("count", Signed(office, "another", "n2"), 3)).Accepted); // a wrong signature is never taken for none
    }

    private string Signed(ECDsa key, string command, string nonce, string keyId = "office", string body = "{}")
    {
        var content = new SignedCommand { Key = keyId, At = _clock.GetUtcNow(), Nonce = nonce, Body = body, Signature = [] };
        var signature = key.SignData(CommandVerifier.SignedText(Topics.Root, command, content), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return JsonSerializer.Serialize(content with { Signature = signature }, MessageJson.Default.SignedCommand);
    }
}
