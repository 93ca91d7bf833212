using System.Diagnostics;
using MrfAd.Testing;

namespace MrfAd.Fuzz;

/// <summary>Reads the seeds of a target and random mutations of them within this process.</summary>
public sealed class FuzzRun : IDisposable
{
    // An input of a few kilobytes that takes longer is kept for analysis; no test fails over it, because the machine may be busy.
    private static readonly TimeSpan SlowLimit = TimeSpan.FromSeconds(1);

    private readonly FuzzTarget _target;
    private readonly IReadOnlyList<byte[]> _seeds;
    private readonly string _path;

    public FuzzRun(FuzzTarget target)
    {
        (_target, _path) = (target, TemporaryPath(target));
        _seeds = [.. Directory.GetFiles(SeedsOf(target)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
    }

    public int Read { get; private set; }

    public int Refused { get; private set; }

    public long MaxAllocation { get; private set; }

    /// <summary>The longest time that an input took, and the file with the input if it was too long.</summary>
    public (TimeSpan Time, string File) Slowest { get; private set; }

    /// <summary>Returns the folder of a target's seeds in the repository.</summary>
    public static string SeedsOf(FuzzTarget target) => Path.Combine(Repository.Root, "tests", "Fuzz", "corpus", target.Name);

    /// <summary>Returns the path of a file for this process alone, in memory if possible, because millions are written.</summary>
    public static string TemporaryPath(FuzzTarget target) =>
        Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"mrfad-fuzz-{Environment.ProcessId}-{Guid.NewGuid():N}.{target.Name}");

    /// <summary>Reads all seeds unchanged; none may be refused.</summary>
    /// <exception cref="InvalidOperationException">A seed was refused or caused another exception.</exception>
    public void Seeds()
    {
        foreach (var seed in _seeds)
            Try(seed);
        if (Refused > 0 || Read == 0)
            throw new InvalidOperationException($"{_target.Name}: {Refused} of {_seeds.Count} seeds were refused, and {Read} read");
    }

    /// <exception cref="InvalidOperationException">An input was neither read nor refused; the message names the file with the input.</exception>
    public void Mutate(int count, int seed)
    {
        var mutations = new Mutations(seed);
        for (var i = 0; i < count; i++)
            Try(mutations.Next(_seeds));
    }

    public void Dispose() => File.Delete(_path);

    private void Try(byte[] bytes)
    {
        var (before, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        try
        {
            if (_target.TryRead(new FuzzInput(bytes, _path)))
                Read++;
            else
                Refused++;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{_target.Name}: {Keep(bytes)}: {e}", e);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var time = Stopwatch.GetElapsedTime(start);
        if (time > Slowest.Time)
            Slowest = (time, time > SlowLimit ? Keep(bytes) : "");
        MaxAllocation = Math.Max(MaxAllocation, allocated);
        if (allocated > _target.MaxAllocated)
            throw new InvalidOperationException($"{_target.Name}: {Keep(bytes)}: {allocated} bytes were allocated for an input of {bytes.Length}, want at most {_target.MaxAllocated}");
    }

    private string Keep(byte[] bytes)
    {
        var path = Path.Combine(Path.GetTempPath(), $"mrfad-fuzz-{_target.Name}-{Guid.NewGuid():N}");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
