using MrfAd.Engine.Hlgfa;

namespace MrfAd.Engine.Tests.Hlgfa;

public sealed class CosineAnnealingTests
{
    [Theory]
    [InlineData(0, 0.9)]
    [InlineData(20, 0.7)] // a third of the way: cos 60° = 1/2
    [InlineData(30, 0.5)]
    [InlineData(40, 0.3)]
    [InlineData(60, 0.1)]
    public void The_rate_falls_along_half_a_cosine(int done, double rate) => Assert.Equal(rate, CosineAnnealing.Rate(0.9, 0.1, done, 60), 1e-12);
}
