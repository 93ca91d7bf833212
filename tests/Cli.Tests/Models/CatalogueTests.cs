using MrfAd.Cli.Models;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Models;

public sealed class CatalogueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_shipped_model_has_a_licence_and_those_after_a_form_its_terms()
    {
        var models = Catalogue.Read(Catalogue.Shipped).Models;
        Assert.All(models, m => Assert.True(m.License.Length > 0 && m.LicenseUrl.Length > 0, m.Name));
        Assert.All(models, m => Assert.Equal(m.Form is not null, m.Terms.Length > 0));
        Assert.Equal(7, models.Count(m => m.Name.StartsWith("dinov3-", StringComparison.Ordinal) && m.Form is not null));
    }

    [Fact]
    public async Task A_model_that_is_given_after_a_form_is_not_fetched_but_checked()
    {
        var entry = Catalogue.Read(Catalogue.Shipped).Models.Single(m => m.Name == "dinov3-s");
        var error = await Assert.ThrowsAsync<FetchException>(() => FetchAsync(entry, null));
        Assert.Contains("dinov3_vits16_pretrain_lvd1689m-08c60483.pth to those who accept the DINOv3 License on https://ai.meta.com/", error.Message, StringComparison.Ordinal);

        Directory.CreateDirectory(_folder.File("from"));
        File.WriteAllText(_folder.File($"from/{entry.Download}"), "another file");
        error = await Assert.ThrowsAsync<FetchException>(() => FetchAsync(entry, _folder.File("from")));
        Assert.Contains("want 08c60483…", error.Message, StringComparison.Ordinal);
        Assert.Equal(_folder.File("to/it.pth"), (await FetchAsync(new CatalogueEntry { Name = "ours", Url = new Uri("https://models.example/it.pth"), Form = entry.Form }, Beside("it.pth"))).Path);
    }

    [Fact]
    public void A_form_that_is_no_address_is_refused_with_its_key()
    {
        File.WriteAllText(_folder.File("ours.json"), """{ "models": [ { "name": "ours", "url": "https://models.example/it.pth", "form": "file:///it" } ] }""");
        Assert.Contains("'ours' has the form 'file:///it', want http or https", Assert.Throws<IOException>(() => Catalogue.Read(_folder.File("ours.json"))).Message, StringComparison.Ordinal);
    }

    private string Beside(string name)
    {
        File.WriteAllText(_folder.File($"from/{name}"), "a model");
        return _folder.File("from");
    }

    private async Task<(string Path, string Sha256)> FetchAsync(CatalogueEntry entry, string? from)
    {
        using var downloader = new Downloader(TimeSpan.FromSeconds(1), TimeSpan.Zero, TimeProvider.System);
        return await new ModelFetch(downloader, from).FetchAsync(entry, _folder.File("to"), (_, _) => { }, TestContext.Current.CancellationToken);
    }
}
