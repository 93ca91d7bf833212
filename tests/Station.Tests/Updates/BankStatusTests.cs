using MrfAd.Contracts;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Tests.Updates;

public sealed class BankStatusTests
{
    private static readonly BankUpdate Update = new() { Bank = new BankVersion { Id = "fake", Version = 6, Sha256 = "ab" }, Phase = UpdatePhase.Transferring, Progress = 0 };

    [Fact]
    public void A_new_phase_or_reason_and_progress_of_a_hundredth_are_raised_and_less_is_not()
    {
        var status = new BankStatus();
        var raised = 0;
        status.Changed += () => raised++;

        AssertRaises(1, () => status.Set(Update));
        AssertRaises(0, () => status.Set(Update));
        AssertRaises(1, () => status.Set(Update with { Reason = "the sender is away" }));
        AssertRaises(1, () => status.Set(Update with { Reason = "the sender is away", Phase = UpdatePhase.Checking }));
        AssertRaises(0, () => status.Advance(0.009));
        AssertRaises(1, () => status.Advance(0.5));
        AssertRaises(0, () => status.Advance(0.505));
        AssertRaises(1, () => status.Advance(1));
        AssertRaises(1, () => status.Set(null));

        void AssertRaises(int times, Action change)
        {
            raised = 0;
            change();
            Assert.Equal(times, raised);
        }
    }
}
