using MrfAd.Engine.Images;

namespace MrfAd.Testing;

/// <summary>Measures the managed memory that the current thread allocates, in bytes.</summary>
public static class Allocations
{
    // On a busy machine the runtime allocates in most runs: for recompilation, or to hand work to other threads.
    private const int Runs = 50;

    /// <returns>The bytes that an action allocates.</returns>
    public static long Of(Action act)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        act();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <returns>The minimum of several runs, which excludes what the runtime allocates meanwhile.</returns>
    public static long Min(Action act) => Enumerable.Range(0, Runs).Min(_ => Of(act));

    /// <summary>Measures one resize, which allocates nothing except the handles of the OpenCV binding.</summary>
    public static long OfResize()
    {
        using var large = new Image(16, 16, 3);
        using var small = new Image(8, 8, 3);
        ImageResize.Resize(large, small);
        return Of(() => ImageResize.Resize(large, small));
    }
}
