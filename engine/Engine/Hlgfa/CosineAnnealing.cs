namespace MrfAd.Engine.Hlgfa;

/// <summary>Learning rates that fall along half a wave of the cosine (Loshchilov and Hutter 2017, without restarts).</summary>
public static class CosineAnnealing
{
    /// <param name="first">The rate of the first update.</param>
    /// <param name="last">The rate that would follow on the last update.</param>
    /// <param name="done">Updates before this one.</param>
    /// <param name="updates">All updates, ≥ 1.</param>
    public static double Rate(double first, double last, int done, int updates) => last + ((first - last) * (1 + Math.Cos(Math.PI * done / updates)) / 2);
}
