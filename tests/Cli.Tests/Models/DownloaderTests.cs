using System.Security.Cryptography;
using MrfAd.Cli.Models;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Models;

public sealed class DownloaderTests : IDisposable
{
    private static readonly byte[] Model = Bytes(1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_line_that_breaks_is_gone_on_with_where_it_broke()
    {
        await using var server = await FileServer.StartAsync(Model);
        server.Cuts.Enqueue(100_000);
        server.Cuts.Enqueue(200_000);
        Assert.Equal(Model, await FetchAsync(server));
        Assert.Equal(["", "bytes=100000-", "bytes=300000-"], server.Requests);
    }

    [Fact]
    public async Task A_stopped_fetch_is_gone_on_with_by_the_next()
    {
        await using var server = await FileServer.StartAsync(Model);
        server.Cuts.Enqueue(100_000);
        server.Before = n => server.Status = n is >= 1 and < 5 ? 503 : null;
        await Assert.ThrowsAsync<FetchException>(() => FetchAsync(server));
        Assert.False(File.Exists(_folder.File("model.bin")));
        Assert.Equal(100_000, new FileInfo(_folder.File("model.bin.part")).Length);
        Assert.Equal(Model, await FetchAsync(server));
        Assert.Equal("bytes=100000-", server.Requests[^1]);
        Assert.Equal(["model.bin"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_line_that_falls_silent_is_given_up_and_gone_on_with()
    {
        await using var server = await FileServer.StartAsync(Model);
        server.Stalls = true;
        server.Cuts.Enqueue(100_000);
        var (path, _) = await FetchBothAsync(server, null, null, TimeSpan.FromSeconds(1));
        Assert.Equal(Model, File.ReadAllBytes(path));
        Assert.Equal(["", "bytes=100000-"], server.Requests[..2]); // a busy machine may cause another timeout
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_is_begun_anew()
    {
        await using var server = await FileServer.StartAsync(Bytes(2));
        server.Cuts.Enqueue(100_000);
        server.Before = n => server.Content = n == 0 ? server.Content : Model;
        Assert.Equal(Model, await FetchAsync(server));
    }

    [Fact]
    public async Task A_server_that_goes_on_with_another_file_is_not_believed()
    {
        await using var server = await FileServer.StartAsync(Bytes(2));
        server.IgnoresIfRange = true;
        server.Cuts.Enqueue(100_000);
        server.Before = n => server.Content = n == 0 ? server.Content : Model;
        Assert.Equal(Model, await FetchAsync(server));
        Assert.Equal(["", "bytes=100000-", ""], server.Requests);
    }

    [Fact]
    public async Task A_server_that_knows_no_ranges_or_no_versions_sends_all_again()
    {
        await using var server = await FileServer.StartAsync(Model);
        server.IgnoresRange = true;
        server.Cuts.Enqueue(100_000);
        Assert.Equal(Model, await FetchAsync(server));
        server.HasTag = false;
        server.Cuts.Enqueue(100_000);
        Assert.Equal(Model, await FetchAsync(server));
        Assert.Equal(["", "bytes=100000-", "", ""], server.Requests);
    }

    [Fact]
    public async Task Wrong_bytes_are_thrown_away()
    {
        await using var server = await FileServer.StartAsync(Bytes(2));
        var error = await Assert.ThrowsAsync<FetchException>(() => FetchAsync(server, Hash(Model)));
        Assert.Contains(Hash(Bytes(2)), error.Message, StringComparison.Ordinal);
        Assert.Contains(Hash(Model), error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task First_digits_of_a_hash_are_checked_and_the_whole_of_it_is_reported()
    {
        await using var server = await FileServer.StartAsync(Model);
        var (_, sha256) = await FetchBothAsync(server, Hash(Model)[..8], Model.Length);
        Assert.Equal(Hash(Model), sha256);
        server.Content = Bytes(2);
        File.Delete(_folder.File("model.bin"));
        await Assert.ThrowsAsync<FetchException>(() => FetchAsync(server, Hash(Model)[..8]));
    }

    [Theory]
    [InlineData(-1000)]
    [InlineData(1000)]
    public async Task A_length_that_is_a_lie_never_makes_a_whole_file(int lie)
    {
        await using var server = await FileServer.StartAsync(Model);
        server.LengthLie = lie;
        var error = await Assert.ThrowsAsync<FetchException>(() => FetchBothAsync(server, null, Model.Length));
        Assert.Contains($"has {Model.Length + lie} bytes, want {Model.Length}", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("model.bin")));
    }

    [Fact]
    public async Task A_length_that_is_never_reached_ends_after_some_tries()
    {
        await using var server = await FileServer.StartAsync(Model);
        (server.LengthLie, server.HasTag) = (1000, false);
        await Assert.ThrowsAsync<FetchException>(() => FetchAsync(server));
        Assert.InRange(server.Requests.Count, 2, 10);
        Assert.False(File.Exists(_folder.File("model.bin")));
    }

    [Fact]
    public async Task A_refusal_is_not_tried_again()
    {
        await using var server = await FileServer.StartAsync(Model);
        server.Status = 404;
        Assert.Contains("404", (await Assert.ThrowsAsync<FetchException>(() => FetchAsync(server))).Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task What_is_there_already_and_right_is_not_fetched()
    {
        await using var server = await FileServer.StartAsync(Model);
        await FetchAsync(server, Hash(Model));
        await FetchAsync(server, Hash(Model));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_mirror_takes_the_publishers_place()
    {
        await using var server = await FileServer.StartAsync(Model);
        using var downloader = Downloader();
        var entry = Entry(new Uri("http://publisher.invalid/models/model.bin"), Hash(Model), null);
        var (path, _) = await new ModelFetch(downloader, server.Url.GetLeftPart(UriPartial.Authority)).FetchAsync(entry, _folder.Path, (_, _) => { }, default);
        Assert.Equal(Model, File.ReadAllBytes(path));
    }

    [Fact]
    public async Task A_folder_takes_the_publishers_place_and_is_left_as_it_was()
    {
        Directory.CreateDirectory(_folder.File("mirror"));
        File.WriteAllBytes(_folder.File("mirror/model.bin"), Model);
        using var downloader = Downloader();
        var entry = Entry(new Uri("http://publisher.invalid/models/model.bin"), Hash(Model), Model.Length);
        var (path, _) = await new ModelFetch(downloader, _folder.File("mirror")).FetchAsync(entry, _folder.File("out"), (_, _) => { }, default);
        Assert.Equal(Model, File.ReadAllBytes(path));
        Assert.True(File.Exists(_folder.File("mirror/model.bin")));
        await Assert.ThrowsAsync<FetchException>(() => new ModelFetch(downloader, _folder.File("nowhere")).FetchAsync(entry, _folder.File("other"), (_, _) => { }, default));
    }

    [Fact]
    public void The_shipped_catalogue_has_the_papers_encoders_and_a_licence_for_each_model()
    {
        var models = Catalogue.Read(Catalogue.Shipped).Models;
        Assert.All(["dinov2-reg-s", "dinov2-reg-b", "dinov2-reg-l", "dinov2-s", "dinov2-b", "dinov2-l", "wide_resnet50_2", "resnet50", "ben2"], name => Assert.Contains(models, m => m.Name == name));
        Assert.All(models.Where(m => m.Name.StartsWith("dinov2", StringComparison.Ordinal)), m => Assert.True(m is { Sha256.Length: 64, Bytes: > 80_000_000, Sha256Source: not null }, m.Name));
        Assert.All(models, m => Assert.NotEmpty(m.License));
    }

    [Fact]
    public void An_entry_written_is_read_back_and_takes_the_others_place()
    {
        var entry = Entry(new Uri("http://a.invalid/model.bin"), Hash(Model), 5);
        new Catalogue { Models = [entry with { Bytes = 4 }] }.With(entry).Write(_folder.File("ours.json"));
        Assert.Equal([entry], Catalogue.Read(_folder.File("ours.json")).Models);
    }

    [Theory]
    [InlineData("""{ "models": [ { "name": "a", "url": "file:///etc/passwd" } ] }""", "want http")]
    [InlineData("""{ "models": [ { "name": "a", "url": "http://a/b", "sha256": "xyz" } ] }""", "sha256")]
    [InlineData("""{ "models": [ { "name": "a", "url": "http://a/b", "sise": 3 } ] }""", "sise")]
    [InlineData("""{ "models": [ { "name": "a", "url": "http://a/b/" } ] }""", "names no file")]
    [InlineData("""{ "models": [ { "url": "http://a/b" } ] }""", "name")]
    [InlineData("""{ "models": [ null ] }""", "an entry is null")]
    public void A_wrong_catalogue_is_refused_with_the_reason(string json, string reason)
    {
        File.WriteAllText(_folder.File("bad.json"), json);
        Assert.Contains(reason, Assert.Throws<IOException>(() => Catalogue.Read(_folder.File("bad.json"))).Message, StringComparison.Ordinal);
    }

    private async Task<byte[]> FetchAsync(FileServer server, string? sha256 = null) => File.ReadAllBytes((await FetchBothAsync(server, sha256, null)).Path);

    private async Task<(string Path, string Sha256)> FetchBothAsync(FileServer server, string? sha256, long? bytes, TimeSpan? timeout = null)
    {
        using var downloader = Downloader(timeout);
        return await new ModelFetch(downloader, null).FetchAsync(Entry(server.Url, sha256, bytes), _folder.Path, (done, _) => server.Arrived(done), TestContext.Current.CancellationToken);
    }

    private static Downloader Downloader(TimeSpan? timeout = null) => new(timeout ?? TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1), TimeProvider.System);

    private static CatalogueEntry Entry(Uri url, string? sha256, long? bytes) => new() { Name = "model", Url = url, Sha256 = sha256, Bytes = bytes };

    private static byte[] Bytes(int seed)
    {
        var bytes = new byte[500_000];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
