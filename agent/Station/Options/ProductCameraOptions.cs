namespace MrfAd.Station.Options;

/// <summary>The options of a product for one camera alone; with null the product's own hold.</summary>
public sealed record ProductCameraOptions
{
    /// <summary>The name of the camera.</summary>
    public string Name { get; init; } = "";

    /// <inheritdoc cref="ProductOptions.Bank"/>
    public string? Bank { get; init; }

    /// <inheritdoc cref="ProductOptions.Encoder"/>
    public string? Encoder { get; init; }

    /// <inheritdoc cref="ProductOptions.Background"/>
    public string? Background { get; init; }

    /// <inheritdoc cref="ProductOptions.Threshold"/>
    public float? Threshold { get; init; }

    /// <inheritdoc cref="ProductOptions.CheckImage"/>
    public bool? CheckImage { get; init; }

    /// <summary>The reject output of the product's parts; null means the camera's.</summary>
    public RejectOutputOptions? Gate { get; init; }

    /// <returns>The same options, in which relative paths are taken from the folder.</returns>
    public ProductCameraOptions ResolvedAgainst(string folder) => this with
    {
        Bank = Bank is null ? null : Path.GetFullPath(Bank, folder),
        Encoder = Encoder is null ? null : Path.GetFullPath(Encoder, folder),
        Background = Background is null ? null : Path.GetFullPath(Background, folder),
    };
}
