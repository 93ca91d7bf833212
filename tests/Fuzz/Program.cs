using System.Diagnostics;
using System.Globalization;
using MrfAd.Fuzz;
using SharpFuzz;

const string Usage = """
    MrfAd.Fuzz list                              the targets
    MrfAd.Fuzz mutate COUNT SEED [TARGET ...]    the seeds and as many inputs made of them by chance, within this process; all targets where none is named
    MrfAd.Fuzz read TARGET FILE ...              reads inputs, such as findings, and says what happens
    MrfAd.Fuzz afl TARGET                        under afl-fuzz (README.md)
    MrfAd.Fuzz seeds FOLDER                      makes the seeds anew
    """;

switch (args)
{
    case ["list"]:
        foreach (var target in FuzzTargets.All)
            Console.WriteLine(target.Name);
        return 0;
    case ["mutate", var count, var seed, .. var names]:
        foreach (var target in names.Length == 0 ? FuzzTargets.All : names.Select(FuzzTargets.Find))
        {
            using var run = new FuzzRun(target);
            var start = Stopwatch.GetTimestamp();
            run.Seeds();
            run.Mutate(int.Parse(count, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture));
            Console.WriteLine($"{target.Name}: {run.Read} read, {run.Refused} refused, at most {run.MaxAllocation} bytes allocated for one, the slowest {run.Slowest.Time.TotalMilliseconds:0} ms {run.Slowest.File}, {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        }

        return 0;
    case ["read", var name, .. var files]:
        foreach (var file in files)
        {
            var path = FuzzRun.TemporaryPath(FuzzTargets.Find(name));
            try
            {
                Console.WriteLine($"{file}: {(FuzzTargets.Find(name).TryRead(new FuzzInput(File.ReadAllBytes(file), path)) ? "read" : "refused")}");
            }
            finally
            {
                File.Delete(path);
            }
        }

        return 0;
    case ["afl", var name]:
        var fuzzed = FuzzTargets.Find(name);
        var input = FuzzRun.TemporaryPath(fuzzed);
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            fuzzed.TryRead(new FuzzInput(bytes.ToArray(), input));
        });
        return 0;
    case ["seeds", var folder]:
        SeedCorpus.Write(folder);
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}
