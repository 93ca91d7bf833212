namespace MrfAd.Engine.Masks;

/// <summary>Checks regions that came from outside.</summary>
internal static class RegionChecks
{
    // More than anybody draws by hand, and few enough that each pixel's region is one byte and a change costs milliseconds.
    private const int MaxRegions = 64, MaxPoints = 200;

    private const int MaxSide = 100_000;

    /// <returns>One sentence about the first fault; null where there is none.</returns>
    public static string? FaultOf(PartRegions regions)
    {
        if (regions.WidthPx is < 1 or > MaxSide || regions.HeightPx is < 1 or > MaxSide)
            return $"want an image with sides of 1 to {MaxSide} px, got {regions.WidthPx}x{regions.HeightPx}";
        if ((long)regions.WidthPx * regions.HeightPx > Array.MaxLength)
            return $"want an image of at most {Array.MaxLength} pixels, got {regions.WidthPx}x{regions.HeightPx}";
        if (regions.Regions.Count > MaxRegions)
            return $"want at most {MaxRegions} regions, got {regions.Regions.Count}";
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < regions.Regions.Count; i++)
        {
            if (regions.Regions[i] is not { } region)
                return $"region {i + 1} is null";
            var called = region.Name is { Length: > 0 and <= PartRegion.MaxNameLength } name && !name.Any(char.IsControl) ? $"region '{name}'" : $"region {i + 1}";
            if (FaultOf(region) is { } fault)
                return $"{called}: {fault}";
            if (PolygonFault(region.Points, regions.WidthPx, regions.HeightPx) is { } wrong)
                return $"{called}: {wrong}";
            if (region.Name is not null && !names.Add(region.Name))
                return $"{called}: want a name for each region, got this one twice";
        }

        return null;
    }

    private static string? FaultOf(PartRegion region) =>
        region.Name is { Length: 0 or > PartRegion.MaxNameLength } ? $"want a name of 1 to {PartRegion.MaxNameLength} characters, got {region.Name.Length}"
        : region.Name?.Any(char.IsControl) == true ? "its name has a control character"
        : !Enum.IsDefined(region.Kind) ? $"want the kind inspect, ignore or named, got {(int)region.Kind}"
        : region.Kind == RegionKind.Named && region.Name is null ? "want a name for a region of the kind named, got none"
        : region.Kind != RegionKind.Named && (region.Threshold is not null || region.MinAreaPx is not null) ? $"want a threshold or a least area only for the kind named, got one for {region.Kind.ToString().ToLowerInvariant()}"
        : region.Threshold is { } threshold && !(float.IsFinite(threshold) && threshold > 0) ? FormattableString.Invariant($"want a threshold above 0, got {threshold}")
        : region.MinAreaPx < 1 ? $"want a least area of at least 1 px, got {region.MinAreaPx}"
        : null;

    private static string? PolygonFault(IReadOnlyList<IReadOnlyList<double>> points, int width, int height)
    {
        if (points.Count is < 3 or > MaxPoints)
            return $"want 3 to {MaxPoints} points, got {points.Count}";
        for (var i = 0; i < points.Count; i++)
        {
            if (points[i] is not [var x, var y])
                return $"point {i + 1} wants two numbers, x and y, got {(points[i] is null ? "null" : points[i].Count)}";
            if (!double.IsFinite(x) || !double.IsFinite(y))
                return $"point {i + 1} is not finite";
            if (!(x >= 0 && x <= width && y >= 0 && y <= height))
                return FormattableString.Invariant($"point {i + 1} wants a place within the image of {width}x{height}, got ({x:0.##}, {y:0.##})");
        }

        return Crossing(points) ?? (Area(points) < 1 ? FormattableString.Invariant($"want an area of at least 1 px, got {Area(points):0.##}") : null);
    }

    private static string? Crossing(IReadOnlyList<IReadOnlyList<double>> points)
    {
        var n = points.Count;
        for (var i = 0; i < n; i++)
        {
            if (points[i].SequenceEqual(points[(i + 1) % n]))
                return $"points {i + 1} and {((i + 1) % n) + 1} are the same";
        }

        for (var i = 0; i < n; i++)
        {
            var (a, b) = (points[i], points[(i + 1) % n]);
            // The next side shares a corner with this one: it may only not run back over it.
            var c = points[(i + 2) % n];
            if (Turn(a, b, c) == 0 && ((b[0] - a[0]) * (c[0] - b[0])) + ((b[1] - a[1]) * (c[1] - b[1])) < 0)
                return $"its border crosses itself: the sides that begin at points {i + 1} and {((i + 1) % n) + 1} lie on each other";
            for (var j = i + 2; j < n; j++)
            {
                if ((j + 1) % n != i && Meet(a, b, points[j], points[(j + 1) % n]))
                    return $"its border crosses itself: the sides that begin at points {i + 1} and {j + 1} meet";
            }
        }

        return null;
    }

    private static bool Meet(IReadOnlyList<double> a, IReadOnlyList<double> b, IReadOnlyList<double> c, IReadOnlyList<double> d)
    {
        var (ofC, ofD, ofA, ofB) = (Turn(a, b, c), Turn(a, b, d), Turn(c, d, a), Turn(c, d, b));
        return (ofC * ofD < 0 && ofA * ofB < 0)
            || (ofC == 0 && IsBetween(a, b, c)) || (ofD == 0 && IsBetween(a, b, d)) || (ofA == 0 && IsBetween(c, d, a)) || (ofB == 0 && IsBetween(c, d, b));
    }

    /// <returns>The side of the line through a and b on which c lies: -1, 0 (on it) or 1.</returns>
    private static int Turn(IReadOnlyList<double> a, IReadOnlyList<double> b, IReadOnlyList<double> c) =>
        Math.Sign(((b[0] - a[0]) * (c[1] - a[1])) - ((b[1] - a[1]) * (c[0] - a[0])));

    private static bool IsBetween(IReadOnlyList<double> a, IReadOnlyList<double> b, IReadOnlyList<double> p) =>
        p[0] >= Math.Min(a[0], b[0]) && p[0] <= Math.Max(a[0], b[0]) && p[1] >= Math.Min(a[1], b[1]) && p[1] <= Math.Max(a[1], b[1]);

    private static double Area(IReadOnlyList<IReadOnlyList<double>> points)
    {
        var sum = 0.0;
        for (var i = 0; i < points.Count; i++)
        {
            var (a, b) = (points[i], points[(i + 1) % points.Count]);
            sum += (a[0] * b[1]) - (b[0] * a[1]);
        }

        return Math.Abs(sum) / 2;
    }
}
