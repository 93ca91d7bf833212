using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Station.Keys;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Keys;

public sealed class TokenGuardTests : IDisposable
{
    private const string Right = "the token of this station";

    private static readonly IPAddress Guesser = IPAddress.Parse("192.0.2.7"), Operator = IPAddress.Parse("192.0.2.8");

    private readonly TemporaryFolder _folder = new();
    private readonly MrfAdMeter _meter = new("test");
    private readonly FakeClock _clock = new();
    private readonly TokenGuard _guard;

    public TokenGuardTests()
    {
        File.WriteAllText(_folder.File("token"), Right + "\n");
        _guard = new TokenGuard(new AccessToken(_folder.File("token")), "sign-in", _meter, _clock, NullLogger<TokenGuard>.Instance);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Where_there_is_no_token_none_is_accepted()
    {
        var guard = new TokenGuard(null, "sign-in", _meter, _clock, NullLogger<TokenGuard>.Instance);

        Assert.False(guard.HasToken);
        Assert.False(await guard.AcceptsAsync("", Operator, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task After_ten_wrong_tokens_a_client_waits_a_second_and_more_than_three_do_not_wait_at_all()
    {
        await GuessAsync(TokenGuard.MaxFailures);

        var armed = _clock.TimerArmedAsync();
        var waiting = Enumerable.Range(0, TokenGuard.MaxWaiting).Select(_ => ShowAsync("guess", Guesser)).ToArray();
        await armed;
        Assert.DoesNotContain(waiting, task => task.IsCompleted);
        await Assert.ThrowsAsync<TooManyTriesException>(() => ShowAsync(Right, Guesser));

        _clock.Advance(TokenGuard.Delay);
        Assert.All(await Task.WhenAll(waiting), Assert.False);
    }

    [Fact]
    public async Task The_right_token_is_accepted_after_the_wait_and_elsewhere_at_once()
    {
        await GuessAsync(3 * TokenGuard.MaxFailures);

        Assert.True(await ShowAsync(Right, Operator));
        var armed = _clock.TimerArmedAsync();
        var right = ShowAsync(Right, Guesser);
        await armed;
        _clock.Advance(TokenGuard.Delay);
        Assert.True(await right);
    }

    [Fact]
    public async Task A_minute_later_nothing_is_held_against_the_client()
    {
        await GuessAsync(TokenGuard.MaxFailures);
        _clock.Advance(TimeSpan.FromSeconds(61));

        Assert.False(await ShowAsync("guess", Guesser));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    public async Task Addresses_that_one_client_can_choose_from_count_as_one(string first, string second, bool isOne)
    {
        await GuessAsync(TokenGuard.MaxFailures, IPAddress.Parse(first));

        var armed = _clock.TimerArmedAsync();
        var next = ShowAsync("guess", IPAddress.Parse(second));
        if (isOne)
            await armed;
        Assert.Equal(!isOne, next.IsCompleted);
        _clock.Advance(TokenGuard.Delay);
        Assert.False(await next);
    }

    [Fact]
    public async Task Ten_thousand_addresses_are_not_all_remembered_and_the_last_still_counts()
    {
        for (var i = 0; i < 10_000; i++)
            await ShowAsync("guess", new IPAddress([10, 0, (byte)(i >> 8), (byte)i]));
        await GuessAsync(TokenGuard.MaxFailures);

        var next = ShowAsync(Right, Guesser);
        Assert.False(next.IsCompleted);
        _clock.Advance(TokenGuard.Delay);
        Assert.True(await next);
    }

    private async Task GuessAsync(int times, IPAddress? client = null)
    {
        for (var i = 0; i < times; i++)
        {
            var guess = ShowAsync($"guess {i}", client ?? Guesser);
            if (!guess.IsCompleted)
                _clock.Advance(TokenGuard.Delay);
            Assert.False(await guess);
        }
    }

    private Task<bool> ShowAsync(string token, IPAddress client) => _guard.AcceptsAsync(token, client, TestContext.Current.CancellationToken);
}
