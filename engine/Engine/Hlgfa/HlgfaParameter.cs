namespace MrfAd.Engine.Hlgfa;

/// <param name="Offset">Of its first value in θ.</param>
/// <param name="FanIn">Values that go into one output; 0: it begins at 0.</param>
internal sealed record HlgfaParameter(string Name, long[] Shape, int Offset, int FanIn)
{
    public int Count => (int)Shape.Aggregate(1L, (count, side) => count * side);
}
