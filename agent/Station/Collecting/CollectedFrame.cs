namespace MrfAd.Station.Collecting;

/// <summary>A frame that is kept to learn from.</summary>
/// <param name="Id">The id of its verdict, by which frames sort by time.</param>
/// <param name="Product">The product that was active; null where the station has none.</param>
/// <param name="Fault">One word about what is wrong with it, see <see cref="Engine.Verdicts.PictureFault.Word"/>; null where it is like the others.</param>
/// <param name="IsGood">True where somebody has called the part good, so that it will be learned.</param>
/// <param name="Bytes">The size of its file in bytes.</param>
public sealed record CollectedFrame(Guid Id, string Camera, string? Product, string? Fault, bool IsGood, long Bytes)
{
    /// <summary>The name of its file.</summary>
    public string FileName => Fault is null ? $"{Id}.png" : $"{Id}-{Fault}.png";
}
