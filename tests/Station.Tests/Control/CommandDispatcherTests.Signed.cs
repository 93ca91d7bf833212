using System.Security.Cryptography;
using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Control;

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
    public async Task A_signed_command_cannot_be_used_again_by_cutting_its_text_elsewhere()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await StartAsync(key);

        Assert.True((await AskAsync("count", Signed(key, "count", "n1", body: "\n{}"), 1)).Accepted);
        Assert.Equal(CommandErrorCode.NotAuthorized, (await AskAsync("count", Signed(key, "count", "n1\n", body: "{}"), 2)).Error?.Code);
    }

    private string Signed(ECDsa key, string command, string nonce, string keyId = "office", string body = "{}")
    {
        var content = new SignedCommand { Key = keyId, At = _clock.GetUtcNow(), Nonce = nonce, Body = body, Signature = [] };
        var signature = key.SignData(CommandVerifier.SignedText(Topics.Root, command, content), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return JsonSerializer.Serialize(content with { Signature = signature }, MessageJson.Default.SignedCommand);
    }
}
