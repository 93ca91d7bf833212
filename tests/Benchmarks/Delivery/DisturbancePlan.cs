using MrfAd.Contracts;

namespace MrfAd.Benchmarks.Delivery;

/// <summary>Disturbances that happen one after the other, each once a random number of verdicts is there.</summary>
public sealed class DisturbancePlan
{
    // Maximum number of parts that are triggered between the verdict that starts a disturbance and the disturbance itself.
    private const int Lead = 64;

    private readonly List<Disturbance> _disturbances;
    private readonly Random _random;

    /// <param name="all">All disturbances, in any order.</param>
    /// <param name="triggers">The number of triggers among which they happen.</param>
    public DisturbancePlan(IEnumerable<Func<CancellationToken, Task>> all, int triggers, Random random)
    {
        _disturbances = [.. all.Select(happen => new Disturbance(random.Next(triggers), happen)).OrderBy(d => d.At)];
        _random = random;
    }

    /// <summary>Completes when the disturbances before a part have begun.</summary>
    public Task MayGoAsync(int part) => Task.WhenAll(_disturbances.Where(d => d.At + Lead < part).Select(d => d.Begun.Task));

    /// <summary>Carries out all disturbances.</summary>
    public async Task RunAsync(SoakListener listener, TimeProvider clock, CancellationToken cancellationToken)
    {
        foreach (var next in _disturbances)
        {
            await CountAsync(listener, next.At, cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(100)), clock, cancellationToken);
            var happening = next.Happen(cancellationToken);
            next.Begun.SetResult();
            await happening;
        }
    }

    private static async Task CountAsync(SoakListener listener, int count, CancellationToken cancellationToken)
    {
        var there = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Count(VerdictMessage _)
        {
            if (listener.Count >= count)
                there.TrySetResult();
        }

        listener.VerdictReceived += Count;
        Count(null!);
        await there.Task.WaitAsync(cancellationToken);
        listener.VerdictReceived -= Count;
    }

    /// <param name="At">Number of verdicts after which the disturbance happens.</param>
    private sealed record Disturbance(int At, Func<CancellationToken, Task> Happen)
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
