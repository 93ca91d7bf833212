using MrfAd.Engine.Features;

namespace MrfAd.Engine.Tests.Features;

public sealed class PrefetcherTests
{
    private const int Steps = 5;

    [Fact]
    public void The_first_part_of_a_step_does_not_wait_for_the_second_of_the_one_before()
    {
        using var last = new ManualResetEventSlim();
        using var prefetcher = new Prefetcher(Steps, "test", step =>
        {
            if (step == Steps - 1)
                last.Set();
        });
        var seen = new List<int>();
        prefetcher.Run(step =>
        {
            last.Wait(TestContext.Current.CancellationToken);
            seen.Add(step);
        });
        Assert.Equal(Enumerable.Range(0, Steps), seen);
    }

    [Fact]
    public void What_the_first_part_throws_reaches_the_owner_and_ends_the_run()
    {
        var broken = 3;
        using var prefetcher = new Prefetcher(Steps, "test", step => _ = step == broken ? throw new InvalidDataException("view 3") : step);
        var seen = new List<int>();
        Assert.Equal("view 3", Assert.Throws<InvalidDataException>(() => prefetcher.Run(seen.Add)).Message);
        Assert.DoesNotContain(broken, seen);
        (broken, seen) = (Steps, []);
        prefetcher.Run(seen.Add);
        Assert.Equal([0, 1, 2, 3, 4], seen);
    }

    [Fact]
    public void After_a_failure_of_the_second_part_nothing_is_done_any_more()
    {
        var done = 0;
        using var prefetcher = new Prefetcher(Steps, "test", _ => Interlocked.Increment(ref done));
        Assert.Throws<InvalidDataException>(() => prefetcher.Run(_ => throw new InvalidDataException("device")));
        Assert.Equal(Steps, done);
    }
}
