using MrfAd.Engine.Images;

namespace MrfAd.Testing;

/// <summary>Managed bytes that the current thread allocates.</summary>
public static class Allocations
{
    public static long Of(Action act)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        act();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <returns>The least of several times: what the runtime does meanwhile, such as compiling anew, is not of the act.</returns>
    public static long Least(Action act) => Enumerable.Range(0, 5).Min(_ => Of(act));

    /// <summary>Of one resize: nothing, or what the handles of the OpenCV binding take.</summary>
    public static long OfResize()
    {
        using var large = new Image(16, 16, 3);
        using var small = new Image(8, 8, 3);
        ImageResize.Resize(large, small);
        return Of(() => ImageResize.Resize(large, small));
    }
}
