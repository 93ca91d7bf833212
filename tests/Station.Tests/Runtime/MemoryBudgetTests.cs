using MrfAd.Engine.Banks;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Runtime;

public sealed class MemoryBudgetTests
{
    [Fact]
    public void A_share_is_taken_while_there_is_room_and_given_back_once()
    {
        var budget = new MemoryBudget(100);
        var first = budget.TryTake(MemoryUse.Frames, 60);
        Assert.NotNull(first);
        Assert.Null(budget.TryTake(MemoryUse.Uploads, 41));
        using var second = budget.TryTake(MemoryUse.Uploads, 40);
        Assert.Equal((60, 40, 0), (budget.Used(MemoryUse.Frames), budget.Used(MemoryUse.Uploads), budget.Used(MemoryUse.Models)));

        first.Dispose();
        first.Dispose();

        Assert.Equal((0, 40), (budget.Used(MemoryUse.Frames), budget.Used(MemoryUse.Uploads)));
    }

    [Fact]
    public void Caches_give_way_the_first_one_first_and_not_to_each_other_or_to_what_never_fits()
    {
        var budget = new MemoryBudget(100);
        var (frames, pictures) = (new Cache(budget, MemoryUse.Frames), new Cache(budget, MemoryUse.Pictures));
        for (var i = 0; i < 5; i++)
        {
            Assert.True(frames.Add(10));
            Assert.True(pictures.Add(10));
        }

        Assert.False(frames.Add(10));
        Assert.Null(budget.TryTake(MemoryUse.Models, 101));
        Assert.Equal((5, 5), (frames.Count, pictures.Count));
        using var upload = budget.TryTake(MemoryUse.Uploads, 15);
        Assert.Equal((3, 5), (frames.Count, pictures.Count));
        using var model = budget.TryTake(MemoryUse.Models, 85);
        Assert.Equal((true, 0, 0), (model is not null, frames.Count, pictures.Count));
        Assert.Null(budget.TryTake(MemoryUse.Frames, 1));
        Assert.Equal(
            "the memory budget is full: want 2.5 MB more, of 0 MB (memory.budget_mb) are used: models 0 MB, frames 0 MB, uploads 0 MB, pictures 0 MB",
            budget.Describe(2_500_000));
    }

    [Fact]
    public async Task It_is_kept_by_many_who_take_and_give_back_at_the_same_time()
    {
        var budget = new MemoryBudget(1000);
        var cache = new Cache(budget, MemoryUse.Pictures);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 2000; i++)
            {
                cache.Add(random.Next(1, 100));
                using var share = budget.TryTake(MemoryUse.Frames, random.Next(1, 400));
                Assert.InRange(budget.Used(MemoryUse.Frames), 0, 1000);
            }
        })));

        Assert.Equal((0, cache.Bytes), (budget.Used(MemoryUse.Frames), budget.Used(MemoryUse.Pictures)));
    }

    [Fact]
    public void A_model_that_does_not_fit_is_refused_with_its_file_and_one_that_fails_to_open_gives_its_memory_back()
    {
        using var folder = new TemporaryFolder();
        var options = new DetectorOptions { Bank = folder.File("parts.mrfbank") };
        File.WriteAllBytes(options.Bank, new byte[700]);
        var budget = new MemoryBudget(1000);

        Assert.Throws<IOException>(() => BudgetedInspector.Open(options, _ => throw new IOException("no"), budget));
        Assert.Equal(0, budget.Used(MemoryUse.Models));

        var inner = new FakeInspector();
        using (BudgetedInspector.Open(options, _ => inner, budget))
        {
            Assert.Equal(700, budget.Used(MemoryUse.Models));
            var refused = Assert.Throws<BankFormatException>(() => BudgetedInspector.Open(options, _ => new FakeInspector(), budget));
            Assert.StartsWith($"{options.Bank}: the memory budget is full", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal((0, true), (budget.Used(MemoryUse.Models), inner.IsDisposed));
    }

    private sealed class Cache
    {
        private readonly MemoryBudget _budget;
        private readonly MemoryUse _use;
        private readonly Queue<(IDisposable Share, int Bytes)> _content = new();

        public Cache(MemoryBudget budget, MemoryUse use)
        {
            (_budget, _use) = (budget, use);
            budget.AddCache(DropOldest);
        }

        public int Count => _content.Count;

        public long Bytes => _content.Sum(c => c.Bytes);

        public bool Add(int bytes)
        {
            if (_budget.TryTakeFree(_use, bytes) is not { } share)
                return false;
            lock (_content)
                _content.Enqueue((share, bytes));
            return true;
        }

        private bool DropOldest()
        {
            lock (_content)
            {
                if (!_content.TryDequeue(out var oldest))
                    return false;
                oldest.Share.Dispose();
                return true;
            }
        }
    }
}
