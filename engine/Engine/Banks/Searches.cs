using MrfAd.Engine.Features;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Banks;

internal static class Searches
{
    /// <returns>The search that <paramref name="options"/> name, over the rows of <paramref name="exact"/>.</returns>
    public static IRowSearch Of(ExactSearch exact, MrfAdOptions options) => options.Search switch
    {
        SearchMethod.Exact => exact,
        SearchMethod.IvfFlat => new IvfFlatSearch(exact, seed: options.Seed),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Search, "there is no such search"),
    };
}
