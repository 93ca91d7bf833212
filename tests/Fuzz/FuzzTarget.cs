namespace MrfAd.Fuzz;

/// <summary>A reader of external input. It accepts the bytes or refuses them with its own exception; any other behaviour is a finding.</summary>
/// <param name="Name">Name on the command line and of the folder with its seeds.</param>
/// <param name="Read">Reads an input as the product does.</param>
/// <param name="Refusals">Types of the exceptions that refuse an input.</param>
/// <param name="MaxAllocated">Maximum number of bytes allocated on the managed heap for one input; more means that a length in the input was trusted.</param>
public sealed record FuzzTarget(string Name, Action<FuzzInput> Read, IReadOnlyList<Type> Refusals, long MaxAllocated)
{
    /// <returns>False if the input was refused.</returns>
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
