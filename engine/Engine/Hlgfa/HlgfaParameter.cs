namespace MrfAd.Engine.Hlgfa;

/// <summary>A learned tensor of the module.</summary>
/// <param name="Offset">The index of its first value in the vector θ of all parameters.</param>
/// <param name="FanIn">The number of values that contribute to one output; 0 means that the tensor is initialised to 0.</param>
internal sealed record HlgfaParameter(string Name, long[] Shape, int Offset, int FanIn)
{
    public int Count => (int)Shape.Aggregate(1L, (count, side) => count * side);
}
