using System.CommandLine;
using System.Globalization;
using MrfAd.Engine.Features;
using MrfAd.Engine.Search;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary>The options that choose the layers, scales, rows and search of a bank that is learned.</summary>
internal sealed class BankOptions
{
    private static readonly MrfAdOptions Defaults = new();

    private readonly Option<string?> _layers = new("--layers") { Description = "Layers of the encoder, e.g. stage2,stage3; default: the descriptor's." };
    private readonly Option<string?> _scales = new("--scales") { Description = $"Scaling factors of the input; default: {string.Join(',', Defaults.Scales.Select(s => s.ToString(CultureInfo.InvariantCulture)))}." };
    private readonly Option<string> _rows = new("--rows") { Description = "Maximum number of rows of each bank, or 'all'.", DefaultValueFactory = _ => $"{Defaults.RowsPerBank}" };
    private readonly Option<string?> _reduction = new("--reduction") { Description = "How to reduce more rows: 'random', or 'coreset' (greedy k-centre, as PatchCore; slower, keeps rare ones); default: random." };
    private readonly Option<string> _precision = new("--precision") { Description = "Number format of the rows: fp32, fp16 or int8.", DefaultValueFactory = _ => "fp32" };
    private readonly Option<string> _search = new("--search") { Description = "'exact', or 'ivf': the paper's approximate IVF-Flat (512 clusters, 32 probed).", DefaultValueFactory = _ => "exact" };
    private readonly Option<int> _leastSide = new("--least-side") { Description = "Minimum length in pixels of the smallest view's shorter side.", DefaultValueFactory = _ => Defaults.MinSide };
    private readonly Option<double?> _megapixels = Megapixels();
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of the random choice of rows and of a training.", DefaultValueFactory = _ => Defaults.Seed };
    private readonly Option<int?> _pool = new("--pool") { Description = "Side, in patches, of the squares that features are averaged over (odd; PatchCore: 3); default: 1, no averaging." };
    private readonly Option<bool> _normalise = new("--normalise") { Description = "Features of unit length: cosine instead of L2 distance." };
    private readonly Option<string[]> _shapes = new("--shape")
    {
        Description = "How features are changed before they are compared: 'plain', or of 'pool3' (mean over 3x3 patches), 'unit' (unit length) and 'w96' (96 principal axes of the bank, each scaled by its variance to the power of -0.25; 'w96^0.5' for another power) some joined by '+'. Given more than once, each shape has banks and maps of its own; default: plain.",
    };
    private readonly Option<bool> _levelMaps = new("--level-maps") { Description = "Divide the map of each branch by its mean on held-out good parts before the mean of all is taken." };
    private readonly Option<bool> _choose = new("--choose") { Description = "Choose the shapes of features for this part: by how well painted defects are found on held-out good images. The plain map of the paper is kept where none is clearly better." };
    private readonly Option<bool> _plain = new("--plain") { Description = "The map of the paper to the letter, which is the default: features as they are, the plain mean of all maps." };
    private readonly Option<int> _folds = new("--folds") { Description = "Number of folds that the images are divided into for calibration.", DefaultValueFactory = _ => 5 };
    private readonly Option<double> _falseAlarms = new("--false-alarms") { Description = "Target number of false alarms (false rejects) in 1000 good parts.", DefaultValueFactory = _ => 1 };

    public void AddTo(Command command)
    {
        _reduction.AcceptOnlyFromAmong("random", "coreset");
        _precision.AcceptOnlyFromAmong("fp32", "fp16", "int8");
        _search.AcceptOnlyFromAmong("exact", "ivf");
        foreach (var option in new Option[] { _layers, _scales, _rows, _reduction, _precision, _search, _leastSide, _megapixels, _seed, _pool, _normalise, _shapes, _levelMaps, _choose, _plain, _folds, _falseAlarms })
            command.Options.Add(option);
    }

    /// <returns>The names of the layers; null for the default layers in the encoder's descriptor.</returns>
    public string[]? LayersOf(ParseResult parsed) => parsed.GetValue(_layers)?.Split(',', StringSplitOptions.TrimEntries);

    public int FoldsOf(ParseResult parsed) => AtLeast(2, parsed.GetValue(_folds), _folds);

    public int SeedOf(ParseResult parsed) => parsed.GetValue(_seed);

    /// <returns>The ways to make the map that are tried; none where the options say which.</returns>
    /// <exception cref="UsageException">The options contradict each other.</exception>
    public IReadOnlyList<MapCandidate> CandidatesOf(ParseResult parsed)
    {
        var (choose, plain) = (parsed.GetValue(_choose), parsed.GetValue(_plain));
        if ((choose || plain) && new Option[] { _shapes, _levelMaps, _pool, _normalise }.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } given)
            throw new UsageException($"{(choose ? _choose : _plain).Name} and {given.Name} exclude each other: both say how features are changed");
        if (choose && (plain || parsed.GetValue(_reduction) == "coreset"))
            throw new UsageException($"{_choose.Name} and {(plain ? _plain.Name : $"{_reduction.Name} coreset")} exclude each other{(plain ? "" : ": choose first, and learn then with the shapes that were chosen")}");
        return choose ? MapCandidate.All : [];
    }

    /// <returns>The name of <c>--choose</c> or <c>--plain</c>, where one was given.</returns>
    public string? SaysHowToMap(ParseResult parsed) => new[] { _choose, _plain }.FirstOrDefault(parsed.GetValue)?.Name;

    public double FalseAlarmsOf(ParseResult parsed) => parsed.GetValue(_falseAlarms) is > 0 and < 1000 and var wanted
        ? wanted
        : throw new UsageException($"{_falseAlarms.Name}: want a number between 0 and 1000, got {parsed.GetValue(_falseAlarms)}");

    /// <param name="otherwise">Values for options that are not on the command line and have no default of their own.</param>
    /// <exception cref="UsageException">A value is out of range.</exception>
    public MrfAdOptions Of(ParseResult parsed, MrfAdOptions otherwise) => otherwise with
    {
        Shapes = ShapesOf(parsed, otherwise.Shapes),
        LevelMaps = otherwise.LevelMaps || parsed.GetValue(_levelMaps),
        Scales = parsed.GetValue(_scales) is { } scales ? ParseScales(scales) : otherwise.Scales,
        MinSide = AtLeast(1, parsed.GetValue(_leastSide), _leastSide),
        Megapixels = MegapixelsOf(parsed, _megapixels),
        RowsPerBank = ParseRows(parsed.GetRequiredValue(_rows)),
        Reduction = parsed.GetValue(_reduction) switch
        {
            null => otherwise.Reduction,
            "coreset" => RowReduction.Coreset,
            _ => RowReduction.Random,
        },
        Precision = Enum.Parse<RowPrecision>(parsed.GetRequiredValue(_precision), ignoreCase: true),
        Search = parsed.GetValue(_search) == "ivf" ? SearchMethod.IvfFlat : SearchMethod.Exact,
        Seed = parsed.GetValue(_seed),
    };

    private List<FeatureShape> ShapesOf(ParseResult parsed, IReadOnlyList<FeatureShape> otherwise)
    {
        var (texts, pool, normalise) = (parsed.GetValue(_shapes) ?? [], parsed.GetValue(_pool), parsed.GetValue(_normalise));
        if (pool is < 1 || pool % 2 == 0)
            throw new UsageException($"{_pool.Name}: want an odd number of at least 1, got {pool}");
        if (texts.Length == 0)
            return [otherwise[0] with { PoolSide = pool ?? otherwise[0].PoolSide, Normalise = normalise || otherwise[0].Normalise }];
        if (pool is not null || normalise)
            throw new UsageException($"{_shapes.Name} names all changes: leave out {(pool is null ? _normalise.Name : _pool.Name)}");
        var shapes = new List<FeatureShape>();
        foreach (var text in texts)
        {
            try
            {
                shapes.Add(FeatureShape.Parse(text));
            }
            catch (FormatException e)
            {
                throw new UsageException($"{_shapes.Name}: {e.Message}");
            }

            if (shapes[..^1].Contains(shapes[^1]))
                throw new UsageException($"{_shapes.Name}: '{text}' is named twice");
        }

        return shapes;
    }

    /// <summary>Creates the option of <see cref="MrfAdOptions.Megapixels"/>, which an encoder is built for as a bank is learned.</summary>
    public static Option<double?> Megapixels() => new("--megapixels") { Description = "Enlarge or reduce images to this area, in millions of pixels, before the scales apply (the paper's have about 5; no view is enlarged to more than twice its image); default: as they are.", HelpName = "N" };

    public static double? MegapixelsOf(ParseResult parsed, Option<double?> option) => parsed.GetValue(option) is { } wanted && wanted is not (>= 0.01 and <= 100)
        ? throw new UsageException(FormattableString.Invariant($"{option.Name}: want a number from 0.01 to 100, got {wanted}"))
        : parsed.GetValue(option);

    public static double[] ParseScales(string text)
    {
        var scales = new List<double>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale) || scale is not (> 0 and <= 4))
                throw new UsageException($"--scales: want numbers above 0 and up to 4, got '{part}'");
            if (scales.Contains(scale))
                throw new UsageException($"--scales: {part} is named twice");
            scales.Add(scale);
        }

        return [.. scales];
    }

    private static int? ParseRows(string text)
    {
        if (text == "all")
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rows) && rows >= 100
            ? rows
            : throw new UsageException($"--rows: want 'all' or a number of at least 100, got '{text}'");
    }

    private static int AtLeast(int least, int value, Option option) =>
        value >= least ? value : throw new UsageException($"{option.Name}: want at least {least}, got {value}");
}
