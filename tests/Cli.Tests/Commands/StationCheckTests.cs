using MrfAd.Cli.Commands;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Commands;

public sealed class StationCheckTests
{
    [Fact]
    public async Task A_bank_that_is_to_be_collected_need_not_exist()
    {
        var options = new StationOptions { Detector = new DetectorOptions { Bank = "/nowhere/part.mrfbank" }, Collect = new CollectingOptions { Enabled = true } };

        await foreach (var result in new StationCheck(options, _ => throw new IOException("there is no such file"), TimeProvider.System).RunAsync())
        {
            if (result.Name != "detector")
                continue;
            Assert.Equal((true, "there is no /nowhere/part.mrfbank yet: good parts are collected"), (result.Ok, result.Detail));
            return;
        }

        Assert.Fail("the detector was not checked");
    }

    [Fact]
    public async Task A_model_whose_file_does_not_answer_fails_its_check_and_does_not_hold_up_the_others()
    {
        var clock = new FakeClock();
        using var hung = new ManualResetEventSlim();
        var check = new StationCheck(
            new StationOptions(),
            _ =>
            {
                hung.Wait(TestTimeout.Value);
                throw new IOException("the share is back");
            },
            clock);
        await using var results = check.RunAsync().GetAsyncEnumerator(TestContext.Current.CancellationToken);
        do
        {
            var next = results.MoveNextAsync().AsTask();
            await Poll.UntilAsync(
                () =>
                {
                    clock.Advance(TimeSpan.FromMinutes(1));
                    return next.IsCompleted;
                },
                "the next check");
            Assert.True(await next);
        }
        while (results.Current.Name != "detector");

        Assert.Equal((false, "no answer within 600 s"), (results.Current.Ok, results.Current.Detail));
        Assert.True(await results.MoveNextAsync());
        Assert.Equal("memory", results.Current.Name);
        hung.Set();
    }
}
