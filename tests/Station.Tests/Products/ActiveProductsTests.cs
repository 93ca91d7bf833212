using MrfAd.Station.Options;
using MrfAd.Station.Products;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Products;

public sealed class ActiveProductsTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_product_is_active_until_another_is_chosen_which_holds_over_a_restart()
    {
        var products = Open("a", "b", "c");
        Assert.Equal(("a", "a"), (products.Of("top"), products.Of("side")));

        products.Set("b", ["top"], "office", Noon);
        products.Set("c", ["side"], "office", Noon);

        Assert.Equal(("b", "c"), (products.Of("top"), products.Of("side")));
        var after = Open("a", "b", "c");
        Assert.Equal(("b", "c", null), (after.Of("top"), after.Of("side"), after.Damage));
        Assert.Contains("\"what\":\"product\",\"cameras\":[\"side\"],\"from\":[\"a\"],\"to\":\"c\"", File.ReadAllText(_folder.File("audit.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_that_cannot_be_written_leaves_all_as_it_was()
    {
        var products = Open("a", "b");
        Directory.CreateDirectory(_folder.File("products.json"));
        var changed = 0;
        products.Changed += () => changed++;

        Assert.ThrowsAny<IOException>(() => products.Set("b", ["top"], "office", Noon));

        Assert.Equal(("a", 0), (products.Of("top"), changed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"top\":")]
    [InlineData("[1]")]
    public void A_damaged_file_is_set_aside_and_the_configured_product_is_active(string content)
    {
        File.WriteAllText(_folder.File("products.json"), content);

        var products = Open("a", "b");

        Assert.Equal("a", products.Of("top"));
        Assert.Contains("products.json was damaged", products.Damage, StringComparison.Ordinal);
        Assert.Contains("'a' is active", products.Damage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_product_that_is_no_longer_configured_is_said()
    {
        Open("a", "b").Set("b", ["top"], "office", Noon);

        var products = Open("a", "c");

        Assert.Equal(("a", "a"), (products.Of("top"), products.Of("side")));
        Assert.Equal("'b' was active for top and is no longer among the products: 'a' is active", products.Damage);
    }

    [Fact]
    public void A_station_without_products_has_no_active_one_and_refuses_any_name()
    {
        var products = Open();

        Assert.Null(products.Of("top"));
        Assert.Equal("there is no product 'a'; this station has no products", products.Refuse("a"));
        Assert.False(File.Exists(_folder.File("products.json")));
    }

    private ActiveProducts Open(params string[] names) => new(new StationOptions
    {
        StateFolder = _folder.Path,
        Products = [.. names.Select(name => new ProductOptions { Name = name, Bank = name })],
        Cameras = [new CameraOptions { Name = "top" }, new CameraOptions { Name = "side" }],
    });
}
