using System.Globalization;
using MrfAd.Benchmarks;
using MrfAd.Benchmarks.Delivery;
using MrfAd.Engine.Features;

// dotnet run -c Release --project tests/Benchmarks -- frame FOLDER ENCODER [LAYERS [SCALES [SEED [LEAST_SIDE]]]]
//     FOLDER is an object in MVTec AD's layout, ENCODER an ONNX file or its descriptor.
// dotnet run -c Release --project tests/Benchmarks -- metrics [MAPS [SIDE]]
// dotnet run -c Release --project tests/Benchmarks -- metrics-memory [MAPS [WIDTH [HEIGHT]]]
// dotnet run -c Release --project tests/Benchmarks -- search clustered|isotropic N D
// dotnet run -c Release --project tests/Benchmarks -- search FOLDER N ENCODER LAYER
// dotnet run -c Release --project tests/Benchmarks -- search-growth [N [D]]
//     Needs Debian's python3-faiss. Two threads.
// dotnet run -c Release --project tests/Benchmarks -- delivery [TRIGGERS [KILLS [SEED]]]
// dotnet run -c Release --project tests/Benchmarks -- latency [STATE_FOLDER]
//     Need Debian's mosquitto; delivery fills a disk where it may mount a small one.
// Figures go to RESULTS.md by hand, with their circumstances. Accuracy is measured by 'mrfad evaluate'.
switch (args)
{
    case ["metrics", ..]:
        MetricsTime.Compare(Number(1, 200), Number(2, 1000));
        return 0;
    case ["delivery", ..]:
        return await DeliverySoak.PrintAsync(new SoakOptions(Number(1, 10_000), Number(2, 50), Cuts: Number(2, 50) / 2, Number(3, 1), TimeSpan.FromMinutes(30)), TimeProvider.System);
    case ["latency", ..]:
        await AddedLatency.RunAsync(args.ElementAtOrDefault(1));
        return 0;
    case ["metrics-memory", ..]:
        MetricsTime.Memory(Number(1, 300), Number(2, 2500), Number(3, 2000));
        return 0;
    case ["search", var kind, _, _]:
        SearchTime.Compare(kind, Number(2, 0), Number(3, 0), null, null, threads: 2);
        return 0;
    case ["search", var images, _, var model, var layer]:
        SearchTime.Compare(images, Number(2, 0), 0, model, layer, threads: 2);
        return 0;
    case ["search-growth", ..]:
        SearchTime.Growth(Number(1, 4_000_000), Number(2, 768), threads: 2);
        return 0;
    case ["frame", var folder, var encoder, ..]:
        var options = new MrfAdOptions { MixedSizes = true, Seed = Number(5, 1), LeastSide = Number(6, new MrfAdOptions().LeastSide) };
        if (args.Length > 4)
            options = options with { Scales = [.. args[4].Split(',').Select(s => double.Parse(s, CultureInfo.InvariantCulture))] };
        FrameTime.Run(folder, encoder, args.Length > 3 ? args[3].Split(',') : null, options);
        return 0;
    default:
        Console.Error.WriteLine("usage: frame FOLDER ENCODER [LAYERS [SCALES [SEED [LEAST_SIDE]]]] | search clustered|isotropic N D | search FOLDER N ENCODER LAYER | search-growth [N [D]] | metrics [MAPS [SIDE]] | metrics-memory [MAPS [WIDTH [HEIGHT]]] | delivery [TRIGGERS [KILLS [SEED]]] | latency [STATE_FOLDER]");
        return 2;
}

int Number(int at, int otherwise) => args.Length > at ? int.Parse(args[at], CultureInfo.InvariantCulture) : otherwise;
