namespace MrfAd.Station.Options;

/// <summary>
/// The options of one product (recipe): its model and how parts are judged by it. What belongs to the machine and not to the product (provider, threads) is taken from the detector of
/// the camera or station, so that a device's profile holds for every product.
/// </summary>
public sealed record ProductOptions
{
    /// <summary>The maximum number of characters of a name, which is also that of a folder, a level of topics and a metric label.</summary>
    public const int MaxNameLength = 64;

    /// <summary>The name of the product, by which commands and triggers choose it: letters, digits, '-', '_' and '.'.</summary>
    public string Name { get; init; } = "";

    /// <summary>The model of the product's good parts; null where each camera has its own.</summary>
    public string? Bank { get; init; }

    /// <summary>The encoder that the model was learned with; null means that of the detector.</summary>
    public string? Encoder { get; init; }

    /// <summary>The descriptor of the mask model; null means that of the detector.</summary>
    public string? Background { get; init; }

    /// <summary>The score from which on a part is NG; null means the model's own threshold. A threshold that cmd/threshold has set goes before it.</summary>
    public float? Threshold { get; init; }

    /// <summary>Checks each image before it is judged; null means what the camera's options say.</summary>
    public bool? CheckImage { get; init; }

    /// <summary>The options that differ for single cameras.</summary>
    public IReadOnlyList<ProductCameraOptions> Cameras { get; init; } = [];

    /// <returns>The options of a camera while it inspects this product.</returns>
    /// <param name="station">The station's detector, which holds for a camera that has none of its own.</param>
    public CameraOptions Of(CameraOptions camera, DetectorOptions station)
    {
        var (own, detector) = (Cameras.FirstOrDefault(c => c.Name == camera.Name), camera.Detector ?? station);
        return camera with
        {
            Detector = detector with
            {
                Method = null,
                Bank = own?.Bank ?? Bank ?? "",
                Encoder = own?.Encoder ?? Encoder ?? detector.Encoder,
                Background = own?.Background ?? Background ?? detector.Background,
            },
            Threshold = own?.Threshold ?? Threshold,
            CheckImage = own?.CheckImage ?? CheckImage ?? camera.CheckImage,
            Gate = own?.Gate ?? camera.Gate,
        };
    }

    /// <returns>The same options, in which relative paths are taken from the folder.</returns>
    public ProductOptions ResolvedAgainst(string folder) => this with
    {
        Bank = Bank is null ? null : Path.GetFullPath(Bank, folder),
        Encoder = Encoder is null ? null : Path.GetFullPath(Encoder, folder),
        Background = Background is null ? null : Path.GetFullPath(Background, folder),
        Cameras = [.. Cameras.Select(camera => camera.ResolvedAgainst(folder))],
    };
}
