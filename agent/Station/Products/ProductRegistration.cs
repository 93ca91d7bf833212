using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Products;

public static class ProductRegistration
{
    /// <summary>Registers the products of the station.</summary>
    /// <exception cref="IOException">The file of the active products exists and cannot be read.</exception>
    public static IServiceCollection AddProducts(this IServiceCollection services, StationOptions options) => services
        .AddSingleton(new ActiveProducts(options))
        .AtStart(s => StateDamage.Report(s, "products", s.GetRequiredService<ActiveProducts>().Damage));
}
