namespace MrfAd.Fuzz;

/// <summary>A reader of what comes from outside. It takes any bytes, or refuses them by its own exception; all else is a finding.</summary>
/// <param name="Name">On the command line, and the folder of its seeds.</param>
/// <param name="Read">Reads an input as the product does.</param>
/// <param name="Refusals">The exceptions that say what is wrong with the input.</param>
/// <param name="MostAllocated">Bytes on the managed heap for one input: more means that a claim in the input was believed.</param>
public sealed record FuzzTarget(string Name, Action<FuzzInput> Read, IReadOnlyList<Type> Refusals, long MostAllocated)
{
    /// <returns>False where the input was refused.</returns>
    public bool TryRead(FuzzInput input)
    {
        try
        {
            Read(input);
            return true;
        }
        catch (Exception e) when (Refusals.Contains(e.GetType()))
        {
            return false;
        }
    }
}
