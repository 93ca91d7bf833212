using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Tensors;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private static readonly float[] Six = [1, 2, 3, 4, 5, 6];

    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("x.pth");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_kind_of_tensor_that_PyTorch_saves_is_read()
    {
        using var actual = Checkpoint.Open(SharedFolder.Require("golden/dinov2/pth_small/edge.pth"));
        using var expected = Checkpoint.Open(SharedFolder.Require("golden/dinov2/pth_small/edge_expected.safetensors"));
        Assert.NotEmpty(expected.Tensors);
        foreach (var (name, tensor) in expected.Tensors)
        {
            var stored = Assert.Single(actual.Tensors, t => t.Key == name || t.Key == $"model.{name}");
            Assert.Equal(tensor.Shape, stored.Value.Shape);
            if (tensor.Type is TensorType.F32 or TensorType.F16 or TensorType.F64)
                Assert.Equal(expected.Floats(name, tensor.Shape), actual.Floats(stored.Key, tensor.Shape));
        }
    }

    [Fact]
    public void The_format_before_PyTorch_1_6_is_read()
    {
        TestTorchFile.WriteOld(File, "old.weight", Six);
        using (var checkpoint = Checkpoint.Open(File))
            Assert.Equal(Six, checkpoint.Floats("old.weight", 6));

        using var golden = Checkpoint.Open(SharedFolder.Require("golden/dinov2/pth_small/edge_legacy.pth"));
        Assert.NotEmpty(Assert.Single(golden.Tensors).Value.Shape);
    }

    [Fact]
    public void The_texts_and_dictionaries_of_Python_2_are_read()
    {
        WritePickle(
        [
            .. TestTorchFile.Global("collections", "OrderedDict"), (byte)'(', (byte)']', (byte)']', (byte)'U', 1, (byte)'w', (byte)'a',
            .. TestTorchFile.Tensor("0", 6, 0, [6], [1]), (byte)'a', (byte)'a', (byte)'t', (byte)'R', (byte)'.',
        ]);
        using var checkpoint = Checkpoint.Open(File);
        Assert.Equal(Six, checkpoint.Floats("w", 6));
    }

    [Fact]
    public void A_view_is_read_through_its_offset_and_strides()
    {
        WritePickle([(byte)'}', .. TestTorchFile.Text("t"), .. TestTorchFile.Tensor("0", 6, 1, [2, 2], [1, 3]), (byte)'s', (byte)'.']);
        using var checkpoint = Checkpoint.Open(File);
        Assert.Equal([2, 5, 3, 6], checkpoint.Floats("t", 2, 2));
    }

    [Fact]
    public void Bfloat16_and_half_are_widened_exactly()
    {
        TensorFileWriter.Write(
            _folder.File("x.safetensors"),
            [TensorSource.Of("bf16", TensorType.BF16, new ushort[] { 0x3fc0, 0xc000, 0x7f80 }), TensorSource.Of("f16", TensorType.F16, new[] { (Half)1.5, (Half)(-2), Half.Epsilon })],
            new Dictionary<string, string>());
        using var checkpoint = Checkpoint.Open(_folder.File("x.safetensors"));
        Assert.Equal([1.5f, -2, float.PositiveInfinity], checkpoint.Floats("bf16", 3));
        Assert.Equal([1.5f, -2, (float)Half.Epsilon], checkpoint.Floats("f16", 3));
    }

    [Theory]
    [InlineData("cos\nsystem\n(X\u0002\0\0\0idtR.", "'os.system' is not a tensor")]
    [InlineData("c__builtin__\neval\n.", "'__builtin__.eval' is not a tensor")]
    [InlineData("c__builtin__\ngetattr\n.", "'__builtin__.getattr' is not a tensor")]
    [InlineData("(ios\nsystem\n.", "operation INST")]
    [InlineData("ccollections\nOrderedDict\n)\u0081.", "operation NEWOBJ")]
    [InlineData("\u0082\u0001.", "operation EXT1")]
    [InlineData("}", "it ends")]
    [InlineData("h\u0005.", "used before it was made")]
    [InlineData("a.", "more is taken from its stack")]
    [InlineData("(a.", "mark where an object belongs")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ffab", "it ends")]
    [InlineData("ccollections\nOrderedDict\n(K\u0001tR.", "with 1 arguments")]
    [InlineData("ccollections\nOrderedDict\n(]K\u0001atR.", "a pair that is not a name and a value")]
    [InlineData("]q\0h\0a.", "nested deeper than 32")]
    public void A_pickle_that_is_no_tensors_is_refused_by_name(string pickle, string reason)
    {
        WritePickle(Encoding.Latin1.GetBytes(pickle));
        Refused(reason);
    }

    [Theory]
    [InlineData(6, 0, 7, 1)] // beyond the end
    [InlineData(6, 1, 6, 1)]
    [InlineData(6, -1, 2, 1)]
    [InlineData(6, 0, 2, -1)]
    [InlineData(6, 0, -2, 1)]
    [InlineData(6, 0, 2, long.MaxValue)]
    [InlineData(6, long.MaxValue, 1, 1)]
    [InlineData(6, 0, long.MaxValue, 0)] // one value repeated 2^63 times
    [InlineData(6, 0, 1 << 30, 0)]
    [InlineData(long.MaxValue, 0, 6, 1)] // a storage that lies about its size
    public void A_tensor_that_does_not_fit_its_storage_is_refused(long count, long offset, long side, long stride)
    {
        WritePickle([(byte)'}', .. TestTorchFile.Text("weight"), .. TestTorchFile.Tensor("0", count, offset, [side], [stride]), (byte)'s', (byte)'.']);
        Refused("damaged checkpoint");
    }

    [Fact]
    public void A_container_that_holds_itself_many_times_over_ends_in_bounded_memory()
    {
        // Each list holds the one before it a hundred times: 100^20 objects.
        var pickle = new List<byte> { (byte)']', (byte)'q', 0 };
        for (byte level = 1; level < 20; level++)
            pickle.AddRange([(byte)']', (byte)'(', .. Enumerable.Repeat(new[] { (byte)'h', (byte)(level - 1) }, 100).SelectMany(b => b), (byte)'e', (byte)'q', level]);
        WritePickle([.. pickle, (byte)'.']);
        Refused("holds more than 400000 objects");
    }

    [Fact]
    public void A_list_that_is_made_a_dictionary_again_and_again_ends_in_bounded_memory()
    {
        var pairs = Enumerable.Range(0, 10_000).SelectMany(i => (byte[])[.. TestTorchFile.Text($"{i}"), (byte)'N', 0x86]);
        byte[] again = [(byte)'h', 0, (byte)'h', 1, (byte)'R'];
        byte[] pickle = [.. TestTorchFile.Global("collections", "OrderedDict"), (byte)'q', 0, (byte)']', (byte)'(', .. pairs, (byte)'e', 0x85, (byte)'q', 1, .. Enumerable.Repeat(again, 1000).SelectMany(b => b), (byte)'.'];
        WritePickle(pickle);
        Refused("more than 400000 pairs");
    }

    [Fact]
    public void A_tensor_of_a_million_axes_is_refused()
    {
        WritePickle([(byte)'}', .. TestTorchFile.Text("weight"), .. TestTorchFile.Tensor("0", 6, 0, [.. Enumerable.Repeat(1L, 65)], [1]), (byte)'s', (byte)'.']);
        Refused("65 axes, want at most 64");
    }

    [Fact]
    public void A_compressed_archive_is_refused_so_that_nothing_can_grow()
    {
        TestTorchFile.Write(File, new byte[10_000], [], CompressionLevel.Optimal);
        Refused("is compressed");
    }

    [Fact]
    public void Files_of_an_archive_that_overlap_are_refused()
    {
        TestTorchFile.Write(File, ("a", Six, [6]), ("b", Six, [6]));
        var bytes = System.IO.File.ReadAllBytes(File);
        var (first, second) = (CentralEntry(bytes, "test/data/0"), CentralEntry(bytes, "test/data/1"));
        bytes.AsSpan(first + 42, 4).CopyTo(bytes.AsSpan(second + 42)); // the second's header is the first's
        System.IO.File.WriteAllBytes(File, bytes);
        Refused("overlap");
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("PK\u0003\u0004")]
    [InlineData("\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.")]
    public void What_is_no_checkpoint_is_refused(string content)
    {
        System.IO.File.WriteAllBytes(File, Encoding.Latin1.GetBytes(content));
        Refused("x.pth");
    }

    [Fact]
    public void Whatever_is_wrong_with_a_file_one_line_says_so_and_nothing_is_allocated_for_its_claims()
    {
        TestTorchFile.Write(File, ("first.weight", Six, [2, 3]), ("second.bias", Six, [6]));
        TestCheckpoint.Write(_folder.File("x.safetensors"), new Dictionary<string, (float[], long[])> { ["first.weight"] = (Six, [2, 3]), ["second.bias"] = (Six, [6]) });
        TestTorchFile.WriteOld(_folder.File("old.pth"), "first.weight", Six);
        var random = new Random(1);
        var refused = 0;
        foreach (var whole in new[] { File, _folder.File("x.safetensors"), _folder.File("old.pth") }.Select(System.IO.File.ReadAllBytes).ToList())
        {
            for (var i = 0; i < 1000; i++)
            {
                System.IO.File.WriteAllBytes(File, Damage(whole, random));
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    using var checkpoint = Checkpoint.Open(File);
                    foreach (var (name, tensor) in checkpoint.Tensors.Where(t => t.Value.Type == TensorType.F32))
                        checkpoint.Floats(name, tensor.Shape);
                }
                catch (TensorFormatException e)
                {
                    refused++;
                    Assert.DoesNotContain('\n', e.Message);
                    Assert.StartsWith(File, e.Message, StringComparison.Ordinal);
                }

                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
            }
        }

        Assert.InRange(refused, 1500, 3000);
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        var bytes = (byte[])whole.Clone();
        switch (random.Next(4))
        {
            case 0: return bytes[..random.Next(bytes.Length)];
            case 1: random.NextBytes(bytes.AsSpan(random.Next(bytes.Length - 8), 8)); break;
            case 2: bytes.AsSpan(random.Next(bytes.Length - 8), random.Next(1, 9)).Fill((byte)(random.Next(2) * 255)); break;
            default:
                for (var i = random.Next(1, 6); i > 0; i--)
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                break;
        }

        return bytes;
    }

    private static int CentralEntry(byte[] archive, string name)
    {
        var at = archive.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(name)) - 46;
        Assert.Equal(0x02014b50u, MemoryMarshal.Read<uint>(archive.AsSpan(at)));
        return at;
    }

    private void WritePickle(byte[] pickle) => TestTorchFile.Write(File, pickle, [("0", MemoryMarshal.AsBytes(Six.AsSpan()).ToArray())]);

    private void Refused(string reason)
    {
        var error = Assert.Throws<TensorFormatException>(() => Checkpoint.Open(File).Dispose());
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
