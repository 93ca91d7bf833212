using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Updates;

public sealed class ManifestsTests : IDisposable
{
    private readonly BankSigner _signer = new();
    private readonly string _bank;

    public ManifestsTests() => _bank = TestModel.Write(_signer.File("one.mrfbank"), version: 1);

    public void Dispose() => _signer.Dispose();

    [Fact]
    public void A_small_file_has_chunks_of_the_default_size()
    {
        var manifest = Manifests.Make(_bank, "0.1.0", 0, null, CancellationToken.None);

        Assert.Equal(Manifests.DefaultChunkBytes, manifest.ChunkBytes);
        Assert.Equal((new FileInfo(_bank).Length + Manifests.DefaultChunkBytes - 1) / Manifests.DefaultChunkBytes, Manifests.ChunksOf(manifest));
    }

    [Fact]
    public void The_progress_is_told_in_chunks()
    {
        var told = new Told();

        var manifest = Manifests.Make(_bank, "0.1.0", Manifests.MinChunkBytes, told, CancellationToken.None);

        var count = Manifests.ChunksOf(manifest);
        Assert.Equal(Enumerable.Range(1, count).Select(i => new LearnProgress("hashing", i, count)), told.All);
    }

    [Fact]
    public void The_progress_of_a_hash_ends_at_1()
    {
        var path = _signer.File("large");
        File.WriteAllBytes(path, new byte[3 << 19]);
        List<double> told = [];

        FileHash.Of(path, CancellationToken.None, told.Add);

        Assert.Equal([2 / 3.0, 1], told);
    }

    [Fact]
    public void A_file_of_too_many_chunks_is_refused()
    {
        var error = Assert.Throws<BankFormatException>(() => Manifests.Make(_bank, "0.1.0", 1, null, CancellationToken.None));

        Assert.EndsWith("chunks of 1, want at most 65536: larger chunks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_manifest_is_not_signed()
    {
        var error = Assert.Throws<UpdateRefusedException>(() => Manifests.ReadBeside(_bank));

        Assert.Equal($"there is no {_bank}.sig: the file is not signed ('mrfad bank sign')", error.Message);
    }

    [Fact]
    public void A_manifest_that_is_too_large_is_not_read()
    {
        using (var file = File.Create(_bank + Manifests.Extension))
            file.SetLength(Manifests.MaxBytes + 1);

        var error = Assert.Throws<UpdateRefusedException>(() => Manifests.ReadBeside(_bank));

        Assert.Equal($"{_bank}.sig has 4194305 bytes, want at most 4194304", error.Message);
    }

    [Fact]
    public void Null_is_no_manifest()
    {
        Assert.Equal("this is no signed manifest: it is null", Assert.Throws<UpdateRefusedException>(() => Manifests.Read("null"u8)).Message);
        Assert.Equal("the manifest cannot be read: it is null", Assert.Throws<UpdateRefusedException>(() => ReadUnverified("null")).Message);
    }

    public static TheoryData<string, Func<ModelManifest, ModelManifest>> Nonsense => new()
    {
        { "the version is 0, want at least 1", m => m with { Version = 0 } },
        { "a SHA-256 in it is none", m => m with { Sha256 = "ab" } },
        { "the size is 0", m => m with { Size = 0 } },
        { "the minimum agent version is 'new'", m => m with { MinimumAgentVersion = "new" } },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void A_manifest_that_makes_no_sense_is_refused_with_the_field(string reason, Func<ModelManifest, ModelManifest> change)
    {
        var manifest = change(UpdateLab.Manifest(_signer.Sign(_bank)));

        var error = Assert.Throws<UpdateRefusedException>(() => ReadUnverified(JsonSerializer.Serialize(manifest, MessageJson.Default.ModelManifest)));

        Assert.Equal($"the manifest makes no sense: {reason}", error.Message);
    }

    private static ModelManifest ReadUnverified(string text) => Manifests.ReadUnverified(new SignedManifest { Key = "office", Manifest = text, Signature = [] });

    private sealed class Told : IProgress<LearnProgress>
    {
        public List<LearnProgress> All { get; } = [];

        public void Report(LearnProgress value) => All.Add(value);
    }
}
