using System.Text.RegularExpressions;
using MrfAd.Station.History;

namespace MrfAd.Station.Tests.History;

public sealed partial class HistoryQueryTests(HistoryQueryTests.Stored stored) : IClassFixture<HistoryQueryTests.Stored>
{
    private readonly HistoryLab _lab = stored.Lab;

    public static TheoryData<string> Filters =>
    [
        "", "camera=top", "verdict=NG", "product=cap", "bank=1", "cause=dark", "score_min=25", "score_max=5", "score_min=6&score_max=12", "serial=SN77", "trigger=part-78", "part=P77", "part=P78&camera=top",
        "camera=top&verdict=NG", "camera=top&product=cap&score_min=5", "camera=side&verdict=INVALID&cause=dark", "shift=early", "shift=2026-01-05/late&camera=top", "camera=top&bank=1&product=lid&verdict=OK",
        "from=2026-01-05T10:00:00Z&to=2026-01-05T11:00:00Z", "verdict=TIMEOUT&to=2026-01-05T18:00:00Z", "score_min=5&product=cap&shift=night",
    ];

    [Theory]
    [MemberData(nameof(Filters))]
    public void A_filter_finds_exactly_the_verdicts_for_which_it_holds_newest_first(string query)
    {
        var filter = Parse(query);
        var wanted = stored.Verdicts.Where(v => Holds(filter, v)).OrderByDescending(v => (v.At, v.Number)).ToList();

        var found = _lab.History.All(filter, CancellationToken.None).ToList();

        Assert.NotEmpty(wanted);
        Assert.Equal(wanted.Select(v => v.Number), found.Select(v => v.Number));
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public void No_filter_scans_the_verdicts_and_each_sorts_only_what_is_rare(string query)
    {
        using var connection = _lab.Store.OpenRead();
        var plan = HistoryPlan.Choose(connection, Parse(query));
        using var command = plan.Command(connection, HistoryFilter.AllTime, null, 50);
        command.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;
        using var reader = command.ExecuteReader();
        var steps = new List<string>();
        while (reader.Read())
            steps.Add(reader.GetString(3));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', steps));

        Assert.DoesNotContain(steps, step => FullScan().IsMatch(step));
        Assert.Contains(steps, step => UsedIndex().IsMatch(step));
    }

    [Theory]
    [InlineData("")]
    [InlineData("camera=top")]
    [InlineData("camera=top&product=cap&score_min=5")]
    [InlineData("shift=early")]
    public void Pages_follow_one_another_without_a_gap_or_a_repetition_while_new_verdicts_come(string query)
    {
        using var lab = new HistoryLab(5000);
        var filter = Parse(query);
        var wanted = lab.History.All(filter, CancellationToken.None).Select(v => v.Number).Take(500).ToList();
        var found = new List<long>();
        HistoryCursor? before = null;

        while (found.Count < 500)
        {
            var page = lab.History.Page(filter, before, 7);
            found.AddRange(page.Verdicts.Select(v => v.Number));
            before = HistoryCursor.Parse(page.Next!);
            lab.Add(10);
        }

        Assert.Equal(wanted, found.Take(500));
    }

    [Fact]
    public async Task The_newest_label_of_a_part_counts_and_the_earlier_ones_stay()
    {
        using var lab = new HistoryLab(20);
        var part = lab.Everything()[10];
        await lab.LabelAsync(part.Id, PartLabels.Bad);
        await lab.LabelAsync(part.Id, PartLabels.Good);

        Assert.Equal(part.Id, Assert.Single(lab.History.Page(new HistoryFilter { Label = PartLabels.Good }, null, 10).Verdicts).Id);
        Assert.Empty(lab.History.Page(new HistoryFilter { Label = PartLabels.Bad }, null, 10).Verdicts);
        Assert.Equal([PartLabels.Good, PartLabels.Bad], lab.History.Find(part.Id)!.Labels.Select(l => l.Label));
        Assert.Equal(part.Verdict, lab.Everything()[10].Verdict);
    }

    [Fact]
    public void The_choices_are_the_values_that_are_stored()
    {
        var choices = _lab.History.Choices();

        Assert.Equal(["side", "top"], choices.Cameras);
        Assert.Equal(["cap", "lid"], choices.Products);
        Assert.Equal(["blurred", "dark"], choices.Causes);
        Assert.Equal([1L], choices.BankVersions);
        Assert.Equal(["early", "late", "night"], choices.Shifts);
    }

    [Theory]
    [InlineData("camera=", "camera: want a value, got ''")]
    [InlineData("verdict=bad", "verdict: want OK, NG, INVALID, TIMEOUT or COLLECTING, got 'bad'")]
    [InlineData("score_min=much", "score_min: want a number, got 'much'")]
    [InlineData("from=yesterday", "from: want a time such as 2026-11-29T06:00 or a day, got 'yesterday'")]
    [InlineData("shift=noon", "shift: want one of early, late, night, or one of a day such as 2026-11-29/early, got 'noon'")]
    [InlineData("shift=2026-13-01/early", "shift: want one of early, late, night, or one of a day such as 2026-11-29/early, got '2026-13-01/early'")]
    [InlineData("bank=new", "bank: want a whole number, got 'new'")]
    [InlineData("label=fine", "label: want good, bad or unsure, got 'fine'")]
    [InlineData("from=2026-01-06&to=2026-01-05", "to: want a time after 'from', got '2026-01-05'")]
    [InlineData("colour=red", "unknown filter 'colour'; known: from, to, shift, camera, product, verdict, cause, score_min, score_max, bank, serial, part, trigger, label")]
    public void A_wrong_filter_is_refused_with_a_sentence(string query, string sentence) => Assert.Equal(sentence, Assert.Throws<FilterException>(() => Parse(query)).Message);

    private HistoryFilter Parse(string query) => new FilterParser(_lab.Calendar).Parse(
        query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1])));

    // The definition that the indexes must agree with.
    private bool Holds(HistoryFilter filter, HistoryEntry v)
    {
        var at = v.At.ToUnixTimeMilliseconds();
        return at >= filter.Time.From && at < filter.Time.To
            && (filter.Shift is not { } shift || _lab.Calendar.ShiftAt(at).Name == shift)
            && (filter.Camera is null || v.Camera == filter.Camera)
            && (filter.Product is null || v.Product == filter.Product)
            && (filter.Verdict is null || v.Verdict == filter.Verdict)
            && (filter.Cause is null || v.Cause == filter.Cause)
            && (filter.MinScore is null || v.Score >= filter.MinScore)
            && (filter.MaxScore is null || v.Score <= filter.MaxScore)
            && (filter.BankVersion is null || v.BankVersion == filter.BankVersion)
            && (filter.Serial is null || v.Serial == filter.Serial)
            && (filter.Part is null || v.Part == filter.Part)
            && (filter.Trigger is null || v.TriggerId == filter.Trigger);
    }

    /// <summary>A database that no test adds verdicts to.</summary>
    public sealed class Stored : IDisposable
    {
        internal HistoryLab Lab { get; } = new(20_000);

        public IReadOnlyList<HistoryEntry> Verdicts => field ??= Lab.Everything();

        public void Dispose() => Lab.Dispose();
    }

    [GeneratedRegex(@"^SCAN (v|verdicts)\b(?!.*USING (COVERING )?INDEX)")]
    private static partial Regex FullScan();

    [GeneratedRegex(@"USING (COVERING )?INDEX verdicts_")]
    private static partial Regex UsedIndex();
}
