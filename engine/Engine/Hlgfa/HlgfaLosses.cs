using MrfAd.Onnx.Differentiation;

namespace MrfAd.Engine.Hlgfa;

/// <summary>
/// The losses of section 3.5, each for one stage. Features are [B, C, places]; the target is the high-resolution view's features, through which no gradient flows. The auxiliary
/// classification term, optional in the paper, is left out: a station that makes one part has no classes.
/// </summary>
public sealed class HlgfaLosses(Tape t)
{
    // Keeps roots and logarithms away from 0; features are of magnitude 1.
    private const float Epsilon = 1e-6f;

    /// <summary>Scales each place's feature vector to length 1.</summary>
    public Var Unit(Var x) => t.Div(x, Length(x));

    /// <summary>The length ‖x‖₂ of the feature vector at each place, [B, 1, places].</summary>
    public Var Length(Var x) => t.Sqrt(t.Add(t.Sum(t.Mul(x, x), 1), t.Number(Epsilon)));

    /// <summary>The cosine loss of eq. 9: 1 − the mean cosine over all places.</summary>
    public Var Cosine(Var targetUnit, Var unit) => t.Sub(t.Number(1), t.Mean(t.Sum(t.Mul(targetUnit, unit), 1)));

    /// <summary>The mean absolute difference, weighted towards places with larger errors; a place's weight is its error over the image's mean error and has no gradient.</summary>
    public Var FocalL1(Var target, Var aligned)
    {
        var error = t.Mean(t.Abs(t.Sub(target, aligned)), 1);
        var weight = Tape.Detach(t.Div(error, t.Add(t.Mean(error, 2), t.Number(Epsilon))));
        return t.Mean(t.Mul(weight, error));
    }

    /// <summary>Jensen–Shannon divergence of the softmax over channels, in nats: (Σ p log p + Σ q log q)/2 − Σ m log m, m = (p + q)/2.</summary>
    public Var JensenShannon(Var target, Var aligned)
    {
        var (p, q) = (t.Softmax(target, 1), t.Softmax(aligned, 1));
        var mixed = t.Scale(t.Add(p, q), 0.5f);
        return t.Mean(t.Sub(t.Scale(t.Add(NegativeEntropy(p), NegativeEntropy(q)), 0.5f), NegativeEntropy(mixed)));
    }

    /// <summary>The Gram loss ‖G(f^h) − G(f̂)‖²_F, where G = F Fᵀ / places, of features of unit length.</summary>
    public Var Gram(Var targetUnit, Var unit)
    {
        var difference = t.Sub(Of(targetUnit), Of(unit));
        return t.Mean(t.Sum(t.Mul(difference, difference), 1, 2));

        Var Of(Var x) => t.Scale(t.MatMul(x, t.SwapLastAxes(x)), 1f / x.Shape[2]);
    }

    private Var NegativeEntropy(Var p) => t.Sum(t.Mul(p, t.Log(t.Add(p, t.Number(Epsilon)))), 1);
}
