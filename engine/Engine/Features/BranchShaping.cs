namespace MrfAd.Engine.Features;

/// <summary>
/// The one place in which features are changed before they are banked and searched: each pair (layer, scale) gives one branch for each of <see cref="MrfAdOptions.Shapes"/>, which follow
/// one another. Each branch is changed once for an image, when it is first asked for. Not thread-safe.
/// </summary>
/// <param name="whitenings">The whitening of each branch; null for a branch without one, and as a whole before they are learned.</param>
public sealed class BranchShaping(MrfAdOptions options, IReadOnlyList<PartialWhitening?>? whitenings)
{
    private readonly List<FeatureShaping> _shapings = [];
    private readonly List<bool> _isShaped = [];
    private BranchFeatures _encoded = _ => throw new InvalidOperationException("no image has been encoded");

    /// <summary>True where the features stay as the encoder gives them.</summary>
    public static bool IsNone(MrfAdOptions options) => options.Shapes is [{ PoolSide: 1, Normalise: false, IsLocal: true }];

    /// <summary>Takes the features of the next image.</summary>
    /// <param name="encoded">Returns the features of a pair (layer, scale), valid until the next image.</param>
    /// <returns>Returns the features of a branch, valid until the next image.</returns>
    public BranchFeatures Of(BranchFeatures encoded)
    {
        _encoded = encoded;
        for (var b = 0; b < _isShaped.Count; b++)
            _isShaped[b] = false;
        return Branch;
    }

    private PatchFeatures Branch(int branch)
    {
        while (_shapings.Count <= branch)
        {
            _shapings.Add(new FeatureShaping(options.Shapes[_shapings.Count % options.Shapes.Count], whitenings?[_shapings.Count]));
            _isShaped.Add(false);
        }

        var features = _encoded(branch / options.Shapes.Count);
        if (!_isShaped[branch])
            _shapings[branch].Shape(features);
        _isShaped[branch] = true;
        return _shapings[branch].Shaped(features);
    }
}
