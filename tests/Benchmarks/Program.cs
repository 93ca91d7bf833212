using System.Globalization;
using MrfAd.Benchmarks;
using MrfAd.Benchmarks.Alignment;
using MrfAd.Benchmarks.BankUpdates;
using MrfAd.Benchmarks.Cameras;
using MrfAd.Benchmarks.Delivery;
using MrfAd.Benchmarks.Gpu;
using MrfAd.Benchmarks.Line;
using MrfAd.Benchmarks.Products;
using MrfAd.Benchmarks.Results;
using MrfAd.Benchmarks.Soak;
using MrfAd.Engine.Features;
using MrfAd.Onnx.Sessions;
using MrfAd.Testing;

// Results are copied to RESULTS.md by hand, with their circumstances. Accuracy is measured by 'mrfad evaluate'.
const string Usage = """
    usage: dotnet run -c Release --project tests/Benchmarks --
        frame FOLDER ENCODER [LAYERS [SCALES [SEED [LEAST_SIDE]]]]   FOLDER: an object in MVTec AD's layout; ENCODER: an ONNX file or its descriptor
        certified FOLDER ENCODER [LAYERS [SCALES [SEED]]]            the certified search beside the full one, on all test images
        align FOLDER [TURNS [SEED [alone]]]                          ways of alignment compared on images shifted and turned by known amounts; alone: the product's only
        turned FOLDER TARGET [SEED]                                  copies an object with its test images shifted and turned, for 'mrfad evaluate --align'
        encoder CHECKPOINT HEIGHTxWIDTH [SCALES [FORMS]]             a built transformer, view by view; forms: plain,fused,int8,fp16
        checkpoint MODEL FILE                                        random weights for it; MODEL: dinov2-s, dinov2-b, dinov3-s, dinov3-b, dinov3-convnext-t
        hlgfa FOLDER ENCODER MODEL                                   a frame beside the two encoder passes alone
        search clustered|isotropic N D                               beside FAISS (Debian's python3-faiss) and USearch
        search FOLDER N ENCODER LAYER
        search-growth [N [D]]
        kernel                                                       the search where nothing can be ruled out, beside the processor's own rate of multiply-adds
        search-gpu [N [D [Q [PROVIDER]]]]                            beside the product's own rate on the device; PROVIDER: cuda (cpu shows that it runs)
        gpu [[DATA] RESULTS [SCALES]]                                an NVIDIA device: providers, parity with the CPU, ms a view and a frame, search rate; fails where a provider is off
        gpu-data FOLDER [IMAGE [ENCODER...]]                         DATA for it: an image resized for all views, and encoders; tests/Benchmarks/pack-gpu.sh packs all for a machine without .NET
        coreset [N [D [KEEP]]]
        metrics [MAPS [SIDE]]                                        beside NumPy and SciPy
        metrics-memory [MAPS [WIDTH [HEIGHT]]]
        delivery-products [TRIGGERS [KILLS [SEED]]]                  needs mosquitto: the same with four products in random order, whose models disagree
        delivery [TRIGGERS [KILLS [SEED [FILLS [READONLY]]]]]        needs mosquitto; fills a disk, or makes it read-only, where it may mount a small one
        soak [--seed N] [--triggers N]                               needs mosquitto: disturbances of all kinds mixed at random; one verdict for each trigger, memory in its budget
        soak --ids N                                                 needs mosquitto: N triggers with different ids; a verdict for each, memory and database bounded
        products BANK IMAGE [COUNT [BUDGET_MB [PARTS [ENCODER]]]]    needs mosquitto: a station with many products in a memory that has no room for all
        update [MEGABYTES [KILLS [SEED]]]                            needs mosquitto: a bank for a running line, sender and station killed
        fuzz-bank [CASES [SEED]]                                     damaged banks and offers for the readers
        latency [STATE_FOLDER]                                       needs mosquitto
        camera [TRIGGERS [KILLS]]                                    needs mosquitto and aravis-tools
        line [MINUTES [HEAP_MB]]                                     needs mosquitto: so long of a line, in compressed time; does memory grow?
        results [VERDICTS [FOLDER]]                                  history and statistics on a generated store; FOLDER: keeps it, and uses the one that is there
        meters                                                       what the metrics of a frame cost
        traces [UPLOADS]                                             needs mosquitto: what the trace of a part costs
        hand-over ENCODER [FRAMES [PIXEL_FORMAT]]                    needs aravis-tools
    """;
switch (args)
{
    case ["encoder", var checkpoint, var size, ..]:
        EncoderTime.Run(checkpoint, size, args.Length > 3 ? Scales(args[3]) : new MrfAdOptions().Scales, args.Length > 4 ? args[4] : "plain,fused");
        return 0;
    case ["checkpoint", var model, var file]:
        TestCheckpoint.Write(file, model switch
        {
            "dinov2-s" => TestCheckpoint.DinoV2(384, 12),
            "dinov2-b" => TestCheckpoint.DinoV2(768, 12),
            "dinov3-s" => TestCheckpoint.DinoV3(384, 12, head: 64),
            "dinov3-b" => TestCheckpoint.DinoV3(768, 12, head: 64),
            "dinov3-convnext-t" => TestCheckpoint.ConvNeXt(96, [3, 3, 9, 3]),
            _ => throw new ArgumentException($"no model '{model}'"),
        });
        return 0;
    case ["align", var aligned, ..]:
        AlignmentAccuracy.Run(aligned, Number(2, 10), Number(3, 1), peers: !args.Contains("alone"));
        return 0;
    case ["turned", var original, var copy, ..]:
        TurnedFrames.Write(original, copy, Number(3, 1));
        return 0;
    case ["hlgfa", var images, var network, var trained]:
        HlgfaTime.Run(images, network, trained, Environment.ProcessorCount);
        return 0;
    case ["metrics", ..]:
        MetricsTime.Compare(Number(1, 200), Number(2, 1000));
        return 0;
    case ["delivery-products", ..]:
        return await DeliverySoak.PrintAsync(
            new SoakOptions(Number(1, 10_000), Number(2, 20), Cuts: Number(2, 20) / 2, Number(3, 1), TimeSpan.FromMinutes(30), Fills: 0) { Products = LearnedProducts.Names }, TimeProvider.System);
    case ["delivery", ..]:
        return await DeliverySoak.PrintAsync(new SoakOptions(Number(1, 10_000), Number(2, 50), Cuts: Number(2, 50) / 2, Number(3, 1), TimeSpan.FromMinutes(30), Number(4, 1), Number(5, 0)), TimeProvider.System);
    case ["soak", "--ids", var ids]:
        return await TriggerIds.PrintAsync(int.Parse(ids, CultureInfo.InvariantCulture), TimeProvider.System);
    case ["soak", ..]:
        return await StationSoak.PrintAsync(new StationSoakOptions(Named("--triggers", 2000), Named("--seed", 1), TimeSpan.FromMinutes(30)), TimeProvider.System);
    case ["products", var bank, var good, ..]:
        await ManyProducts.RunAsync(bank, good, Number(3, 50), Number(4, 2000), Number(5, 200), args.ElementAtOrDefault(6));
        return 0;
    case ["update", ..]:
        return await UpdateSoak.PrintAsync(new UpdateSoakOptions(Number(1, 200), Number(2, 20), 1024, 768, Number(3, 1), TimeSpan.FromMinutes(20)), TimeProvider.System);
    case ["fuzz-bank", ..]:
        using (var fuzz = new BankFuzz(Number(2, 1)))
        {
            fuzz.Run(Number(1, 1_000_000));
            Console.WriteLine($"{fuzz.Opened + fuzz.Refused} damaged banks: {fuzz.Refused} refused by name, {fuzz.Opened} opened; at most {fuzz.MaxAllocation} bytes allocated for one; peak memory {Environment.WorkingSet / 1_000_000} MB");
        }

        return 0;
    case ["latency", ..]:
        await AddedLatency.RunAsync(args.ElementAtOrDefault(1));
        return 0;
    case ["hand-over", var model, ..]:
        await HandOver.RunAsync(model, Number(2, 8), args.ElementAtOrDefault(3) ?? "Mono8");
        return 0;
    case ["camera", ..]:
        return await CameraSoak.PrintAsync(Number(1, 1000), Number(2, 5), TimeProvider.System);
    case ["line", ..]:
        return await LineHour.PrintAsync(Number(1, 60), Number(2, 0), TimeProvider.System);
    case ["results", ..]:
        await ResultsTime.RunAsync(Number(1, 10_000_000), args.ElementAtOrDefault(2));
        return 0;
    case ["meters"]:
        await MetersCost.RunAsync();
        return 0;
    case ["traces", ..]:
        await TracesCost.RunAsync(Number(1, 500));
        return 0;
    case ["metrics-memory", ..]:
        MetricsTime.Memory(Number(1, 300), Number(2, 2500), Number(3, 2000));
        return 0;
    case ["kernel"]:
        KernelTime.Run(threads: 2);
        return 0;
    case ["search", var kind, _, _]:
        SearchTime.Compare(kind, Number(2, 0), Number(3, 0), null, null, threads: 2);
        return 0;
    case ["search", var searched, _, var model, var layer]:
        SearchTime.Compare(searched, Number(2, 0), 0, model, layer, threads: 2);
        return 0;
    case ["search-gpu", ..]:
        DeviceSearchTime.Run(Number(1, 1_000_000), Number(2, 768), Number(3, 4096), Enum.Parse<Provider>(args.ElementAtOrDefault(4) ?? "cuda", ignoreCase: true), Console.Out);
        return 0;
    case ["gpu-data", var target, ..]:
        GpuData.Prepare(target, args.ElementAtOrDefault(2), args[Math.Min(3, args.Length)..], new MrfAdOptions());
        return 0;
    case ["gpu", var prepared, var results, ..]:
        var report = new GpuBenchmark(GpuData.Open(prepared), new GpuOptions { Scales = args.Length > 3 ? Scales(args[3]) : new MrfAdOptions().Scales }, Console.Error).Run(results);
        Console.WriteLine(report);
        return report.ExitCode;
    case ["gpu", ..]:
        using (var made = new TemporaryFolder())
        {
            var whole = new GpuBenchmark(GpuData.Prepare(made.Path, null, [], new MrfAdOptions()), new GpuOptions(), Console.Error).Run(args.ElementAtOrDefault(1) ?? made.File("results"));
            Console.WriteLine(whole);
            return whole.ExitCode;
        }

    case ["coreset", ..]:
        SearchTime.Reduce(Number(1, 1_000_000), Number(2, 512), Number(3, 20_000));
        return 0;
    case ["search-growth", ..]:
        SearchTime.Growth(Number(1, 4_000_000), Number(2, 768), threads: 2);
        return 0;
    case ["frame", var folder, var encoder, ..]:
        var options = new MrfAdOptions { MixedSizes = true, Seed = Number(5, 1), MinSide = Number(6, new MrfAdOptions().MinSide) };
        if (args.Length > 4)
            options = options with { Scales = Scales(args[4]) };
        FrameTime.Run(folder, encoder, args.Length > 3 ? args[3].Split(',') : null, options);
        return 0;
    case ["certified", var tested, var network, ..]:
        CertifiedTime.Run(tested, network, args.Length > 3 ? args[3].Split(',') : null, new MrfAdOptions { MixedSizes = true, Seed = Number(5, 1), Scales = args.Length > 4 ? Scales(args[4]) : new MrfAdOptions().Scales });
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}

int Number(int at, int otherwise) => args.Length > at ? int.Parse(args[at], CultureInfo.InvariantCulture) : otherwise;

int Named(string option, int otherwise) => Array.IndexOf(args, option) is >= 0 and var at ? Number(at + 1, otherwise) : otherwise;

double[] Scales(string text) => [.. text.Split(',').Select(s => double.Parse(s, CultureInfo.InvariantCulture))];
