using Microsoft.Data.Sqlite;
using MrfAd.Contracts;

namespace MrfAd.Station.History;

/// <summary>A filter as conditions in SQL on the table <c>verdicts</c>. Values are always parameters.</summary>
public sealed class HistoryConditions
{
    /// <summary>Holds exactly where the newest label of a verdict is the wanted one.</summary>
    private const string Labelled =
        "v.id IN (SELECT l.verdict_id FROM labels l WHERE l.label = $label AND l.number = (SELECT max(n.number) FROM labels n WHERE n.verdict_id = l.verdict_id))";

    private readonly List<(string Name, object Value)> _values = [];
    private readonly List<HistoryIndex> _indexes = [];

    public HistoryConditions(HistoryFilter filter)
    {
        Add("v.camera = $camera", "$camera", filter.Camera, new("verdicts_camera", IsByTime: true));
        Add("v.verdict = $verdict", "$verdict", filter.Verdict?.ToText(), new("verdicts_verdict", IsByTime: true));
        Add("v.product = $product", "$product", filter.Product, new("verdicts_product", IsByTime: true));
        Add("v.bank_version = $bank", "$bank", filter.BankVersion, new("verdicts_bank", IsByTime: true));
        Add("v.cause = $cause", "$cause", filter.Cause, new("verdicts_cause", IsByTime: true));
        if (filter.MinScore is not null || filter.MaxScore is not null)
        {
            Add("v.score BETWEEN $low AND $high", "$low", filter.MinScore ?? double.MinValue, new("verdicts_score", IsByTime: false));
            _values.Add(("$high", filter.MaxScore ?? double.MaxValue));
        }

        IsInFilterIndex = filter is { Serial: null, Part: null, Trigger: null, Label: null };
        Add("v.serial = $serial", "$serial", filter.Serial, new("verdicts_serial", IsByTime: false));
        Add("v.part = $part", "$part", filter.Part, new("verdicts_part", IsByTime: false));
        Add("v.trigger_id = $trigger", "$trigger", filter.Trigger, new("verdicts_trigger", IsByTime: false));
        Add(Labelled, "$label", filter.Label, new("verdicts_id", IsByTime: false));
    }

    /// <summary>The indexes that serve one of the conditions each, with that condition.</summary>
    public IReadOnlyList<HistoryIndex> Indexes => _indexes;

    /// <summary>Returns true where the index <c>verdicts_filter</c> holds all columns of the conditions.</summary>
    public bool IsInFilterIndex { get; }

    /// <summary>All conditions but that on the time, each after " AND ".</summary>
    public string Sql => string.Concat(_indexes.Select(i => " AND " + i.Condition));

    /// <summary>Sets the parameters of <see cref="Sql"/>.</summary>
    public void Bind(SqliteCommand command)
    {
        foreach (var (name, value) in _values)
            command.Parameters.AddWithValue(name, value);
    }

    private void Add(string sql, string name, object? value, HistoryIndex index)
    {
        if (value is null)
            return;
        _indexes.Add(index with { Condition = sql });
        _values.Add((name, value));
    }
}
