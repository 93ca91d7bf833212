namespace MrfAd.Engine.Verdicts;

/// <summary>The rule by which a threshold was found.</summary>
public enum ThresholdRule
{
    /// <summary>Between two held-out scores: there are enough images to observe the requested rate.</summary>
    Quantile,

    /// <summary>Beyond the highest held-out scores, by an exponential tail fitted to them: there are too few images to observe the requested rate.</summary>
    FittedTail,

    /// <summary>Mean + 3·std of the pixels of held-out good maps (MVTec AD 2).</summary>
    MeanPlus3Std,

    /// <summary>Given by the user.</summary>
    Given,
}
