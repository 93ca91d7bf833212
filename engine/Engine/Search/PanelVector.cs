using System.Runtime.CompilerServices;

namespace MrfAd.Engine.Search;

/// <summary>One value for each query of a panel, in three vectors.</summary>
/// <typeparam name="V">The vector type of the processor's widest vector unit.</typeparam>
internal readonly unsafe struct PanelVector<V>(V v0, V v1, V v2)
    where V : struct, ISimd<V>
{
    private readonly V _v0 = v0;
    private readonly V _v1 = v1;
    private readonly V _v2 = v2;

    /// <summary>The number of values: the queries of a panel.</summary>
    public static int Count => 3 * V.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector<V> Load(float* source) => new(V.Load(source), V.Load(source + V.Count), V.Load(source + (2 * V.Count)));

    /// <summary>Returns a·b + sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector<V> MultiplyAdd(PanelVector<V> a, PanelVector<V> b, PanelVector<V> sum) =>
        new(V.MultiplyAdd(a._v0, b._v0, sum._v0), V.MultiplyAdd(a._v1, b._v1, sum._v1), V.MultiplyAdd(a._v2, b._v2, sum._v2));

    /// <inheritdoc cref="MultiplyAdd(PanelVector{V}, PanelVector{V}, PanelVector{V})"/>
    /// <param name="b">A factor that is the same for all queries.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector<V> MultiplyAdd(PanelVector<V> a, float b, PanelVector<V> sum)
    {
        var all = V.Broadcast(b);
        return new(V.MultiplyAdd(a._v0, all, sum._v0), V.MultiplyAdd(a._v1, all, sum._v1), V.MultiplyAdd(a._v2, all, sum._v2));
    }

    /// <summary>Returns a − b, where b is the same for all queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector<V> Subtract(PanelVector<V> a, float b)
    {
        var all = V.Broadcast(b);
        return new(V.Subtract(a._v0, all), V.Subtract(a._v1, all), V.Subtract(a._v2, all));
    }

    /// <summary>Returns a number in which bit i is set where a[i] > b[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Above(PanelVector<V> a, PanelVector<V> b) =>
        V.Above(a._v0, b._v0) | (V.Above(a._v1, b._v1) << V.Count) | (V.Above(a._v2, b._v2) << (2 * V.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target)
    {
        _v0.Store(target);
        _v1.Store(target + V.Count);
        _v2.Store(target + (2 * V.Count));
    }
}
