using MrfAd.Testing;

namespace MrfAd.Station.Tests.Updates;

/// <summary>The short version of the benchmarks' <c>fuzz-bank</c>.</summary>
public sealed class BankFuzzTests
{
    [Fact]
    public void A_damaged_bank_is_opened_or_refused_by_name_and_allocates_little()
    {
        using var fuzz = new BankFuzz(seed: 7);

        fuzz.Run(5000);

        Assert.InRange(fuzz.Refused, 1000, 4999);
    }
}
