namespace MrfAd.Station.Options;

/// <summary>What may drift away from how it was when the good parts were learned.</summary>
public enum DriftKind
{
    /// <summary>The lamp, the exposure, light from elsewhere.</summary>
    Light,

    /// <summary>The lens: its focus, dirt on it.</summary>
    Focus,

    /// <summary>Camera, fixture, trigger.</summary>
    Position,

    /// <summary>The product, where none of the others has drifted.</summary>
    Score,
}
