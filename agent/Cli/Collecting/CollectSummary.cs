namespace MrfAd.Cli.Collecting;

/// <summary>The end of a collection: what was taken, what to look at, and what comes next.</summary>
public static class CollectSummary
{
    // More names make no list that somebody reads on a terminal.
    private const int MaxNamed = 10;

    // The number of good images with which learning may begin, as docs/commissioning.md says.
    private const int Beginning = 100;

    /// <returns>The lines for the terminal.</returns>
    public static IEnumerable<string> Lines(CollectFolder folder, CollectProgress progress)
    {
        var status = progress.Status();
        var all = status.Before + status.Taken;
        yield return $"{folder.Good}: {progress.Counts()}{(status.Before == 0 ? "" : $"; {all} with those of before")}";
        var again = folder.LookAgain();
        foreach (var (path, fault) in again.Take(MaxNamed))
            yield return $"look at {path} again, it is unlike those that came later: {fault}";
        if (again.Count > MaxNamed)
            yield return $"and at {again.Count - MaxNamed} more";
        if (status.FlaggedCount > 0)
            yield return $"flagged pictures are in {folder.Flagged}: move those that are good to {folder.Good}, delete the rest";
        yield return Next(folder.Good, all);
    }

    private static string Next(string good, int all) => all switch
    {
        < 2 => "next: collect more, learning needs at least two pictures",
        < Beginning => $"next: look at every picture, then ./mrfad learn {Quoted(good)} --out part.mrfbank (a hundred are a beginning: collect more into the same folder)",
        _ => $"next: look at every picture, then ./mrfad learn {Quoted(good)} --out part.mrfbank",
    };

    private static string Quoted(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+".Contains(c, StringComparison.Ordinal)) ? path : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
