using System.ComponentModel;

namespace MrfAd.Station.Review;

/// <summary>A measured rate with its interval.</summary>
public sealed record Rate(
    [property: Description("The estimate, 0 to 1; null where no part says anything of it.")] double? Value,
    [property: Description("The lower end of the 95 % interval.")] double Low,
    [property: Description("The upper end of the 95 % interval.")] double High);
