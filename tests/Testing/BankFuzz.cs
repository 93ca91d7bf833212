using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Hlgfa;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;

namespace MrfAd.Testing;

/// <summary>
/// Opens damaged banks: with changed bits, bytes and lengths anywhere, and with headers and descriptions that are valid JSON and make no sense. Each must be
/// opened or refused with the name of the fault; nothing else may be thrown, and no more may be allocated than the size of the file justifies.
/// </summary>
public sealed class BankFuzz : IDisposable
{
    // In bytes: parsing a header takes some twenty times its size, and the file has a few tens of kilobytes.
    public const long MaxAllocatedBytes = 4_000_000;

    private static readonly JsonNode?[] Odd =
    [
        null, 0, -1, 1e300, long.MaxValue, long.MinValue, int.MaxValue, 0.5, true, "", "NaN", "../../etc/passwd", "F64", "I8", new string('x', 300), new JsonArray(), new JsonObject(),
        new JsonArray(1, 2, 3), new JsonArray(long.MaxValue, 2), new JsonArray(0, 0), new JsonArray((JsonNode?)null), new JsonObject { [""] = null },
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _whole;
    private readonly string _path;
    private readonly Random _random;

    /// <param name="model">An intact HLGFA model to damage; null damages a bank.</param>
    public BankFuzz(int seed, byte[]? model = null)
    {
        _random = new Random(seed);
        // In memory where the system has such a folder, because there are a million files.
        _path = Directory.Exists("/dev/shm") ? $"/dev/shm/mrfad-fuzz-{Guid.NewGuid():N}" : _folder.File("fuzz.mrfbank");
        // With a checksum nearly all damage would end there, and what is behind it would not be tried.
        _whole = TestChecksum.Without(model ?? Learn());
    }

    public int Opened { get; private set; }

    public int Refused { get; private set; }

    public long MaxAllocation { get; private set; }

    /// <exception cref="InvalidOperationException">The reader neither opened nor refused a file; the text names the case.</exception>
    public void Run(int cases)
    {
        for (var i = 0; i < cases; i++)
        {
            var damaged = Damage();
            File.WriteAllBytes(_path, damaged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Read(_path);
                Opened++;
            }
            catch (BankFormatException)
            {
                Refused++;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"case {i}: {e}\n{Encoding.Latin1.GetString(damaged.AsSpan(0, Math.Min(4000, damaged.Length)))}", e);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            MaxAllocation = Math.Max(MaxAllocation, allocated);
            if (allocated > MaxAllocatedBytes)
                throw new InvalidOperationException($"case {i}: {allocated} bytes were allocated for a file of {damaged.Length}");
        }
    }

    public void Dispose()
    {
        File.Delete(_path);
        _folder.Dispose();
    }

    /// <summary>Does all that is done with a bank before the first frame.</summary>
    public static void Read(string path)
    {
        using (var model = ModelFile.Open(path))
            model.CheckFinite(CancellationToken.None);
        if (HlgfaFile.Is(path))
        {
            HlgfaFile.Open(path);
            return;
        }

        using var bank = BankFile.Open(path);
        _ = bank.ImageNames();
        foreach (var branch in bank.BranchNames)
        {
            var (rows, dimension) = bank.Size(branch);
            bank.CreateExactSearch(branch).Dispose();
            _ = bank.Source(branch, rows - 1);
            if (dimension < 1)
                throw new InvalidOperationException("no dimension");
        }
    }

    private byte[] Damage()
    {
        var bytes = (byte[])_whole.Clone();
        switch (_random.Next(8))
        {
            case 0:
                return bytes[.._random.Next(bytes.Length)];
            case 1:
                _random.NextBytes(bytes.AsSpan(_random.Next(bytes.Length - 8), 8));
                return bytes;
            case 2:
                BinaryPrimitives.WriteInt64LittleEndian(bytes, _random.NextInt64() >> _random.Next(64));
                return bytes;
            case 3:
                return [.. bytes, .. new byte[_random.Next(1, 100)]];
            case 4:
                for (var i = _random.Next(1, 6); i > 0; i--)
                    bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 5:
                for (var i = _random.Next(1, 6); i > 0; i--)
                    bytes[_random.Next(2000)] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 6:
                return WithHeader(header => Replace(header));
            default:
                return WithHeader(header =>
                {
                    var description = JsonNode.Parse((string)header["__metadata__"]!["description"]!)!.AsObject();
                    Replace(description);
                    header["__metadata__"]!["description"] = description.ToJsonString();
                });
        }
    }

    private byte[] WithHeader(Action<JsonObject> change)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(_whole);
        var header = JsonNode.Parse(_whole.AsSpan(8, length))!.AsObject();
        change(header);
        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        var bytes = new byte[8 + text.Length + _whole.Length - 8 - length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, text.Length);
        text.CopyTo(bytes, 8);
        _whole.AsSpan(8 + length).CopyTo(bytes.AsSpan(8 + text.Length));
        return bytes;
    }

    /// <summary>Changes or removes a few values of the JSON.</summary>
    private void Replace(JsonNode tree)
    {
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            var at = tree;
            while (true)
            {
                var (count, next) = at switch
                {
                    JsonObject { Count: > 0 } members => (members.Count, members.ElementAt(_random.Next(members.Count)).Value),
                    JsonArray { Count: > 0 } items => (items.Count, items[_random.Next(items.Count)]),
                    _ => (0, null),
                };
                if (count == 0 || (next is not (JsonObject or JsonArray) || _random.Next(4) == 0) && Put(at))
                    break;
                at = next!;
            }
        }
    }

    private bool Put(JsonNode at)
    {
        var odd = Odd[_random.Next(Odd.Length)]?.DeepClone();
        if (at is JsonObject members)
        {
            var key = members.ElementAt(_random.Next(members.Count)).Key;
            if (_random.Next(5) == 0)
                members.Remove(key);
            else
                members[key] = odd;
        }
        else
        {
            ((JsonArray)at)[_random.Next(((JsonArray)at).Count)] = odd;
        }

        return true;
    }

    private byte[] Learn()
    {
        var images = Enumerable.Range(0, 4).Select(i =>
        {
            using var image = new Image(32, 32, 3);
            new Random(i).NextBytes(image.Bytes);
            File.WriteAllBytes(_folder.File($"{i}.png"), ImageCodec.Encode(image, ImageFormat.Png));
            return _folder.File($"{i}.png");
        }).ToList();
        using var encoder = Engine.Features.Encoder.Open(TinyEncoder.Write(_folder.Path), null, 1);
        var request = new LearnRequest
        {
            Images = images,
            Id = "fuzz",
            Version = 1,
            Created = DateTimeOffset.UnixEpoch,
            Options = new MrfAdOptions { Scales = [0.5, 1], MinSide = 16, RowsPerBank = 100, Precision = Engine.Search.RowPrecision.Int8 },
            Folds = 2,
            FalseAlarms = 1,
            Threads = 1,
        };
        new BankLearner(encoder, TimeProvider.System).Learn(request, _folder.File("whole.mrfbank"), null, CancellationToken.None);
        return File.ReadAllBytes(_folder.File("whole.mrfbank"));
    }
}
