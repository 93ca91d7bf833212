using MrfAd.Benchmarks.Delivery;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Tests;

/// <summary>A short run of the delivery soak; the benchmark <c>delivery</c> runs it for longer.</summary>
public sealed class DeliveryTests(LearnedStation station) : IClassFixture<LearnedStation>
{
    [Fact]
    public async Task One_trigger_one_verdict_whatever_is_killed_cut_slowed_or_filled()
    {
        await using var soak = new DeliverySoak(new SoakOptions(Triggers: 300, Kills: 3, Cuts: 1, Seed: 1, Timeout: TestTimeout.Value * 3), DeliverySoak.ByOne(station), TimeProvider.System);

        var result = await soak.RunAsync();

        Assert.True(result.IsPassed, result.ToString());
    }

    [Fact]
    public async Task Each_part_is_judged_by_the_product_of_its_trigger_whatever_is_killed()
    {
        using var products = new LearnedProducts();
        await products.InitializeAsync();
        await using var soak = new DeliverySoak(
            new SoakOptions(Triggers: 200, Kills: 2, Cuts: 1, Seed: 2, Timeout: TestTimeout.Value * 3, Fills: 0) { Products = LearnedProducts.Names }, DeliverySoak.ByProducts(products), TimeProvider.System);

        var result = await soak.RunAsync();

        Assert.True(result.IsPassed, result.ToString());
    }
}
