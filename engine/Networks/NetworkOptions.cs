namespace MrfAd.Engine.Networks;

/// <summary>What a checkpoint does not tell.</summary>
public sealed record NetworkOptions
{
    /// <summary>Attention heads of a transformer; null: from <c>config.json</c> beside the checkpoint, or heads of 64 values.</summary>
    public int? Heads { get; init; }

    /// <summary>A transformer's last normalisation is applied to each layer; the papers take the blocks' bare outputs.</summary>
    public bool FinalNorm { get; init; }
}
