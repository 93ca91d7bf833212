using System.Text.Json;

namespace MrfAd.Engine.Banks;

/// <summary>
/// Merges banks of different images into one: the shards of a large set, or a new bank and the corrections made at a station. All rows are copied as they are, in the
/// order of the banks; the axes are computed anew. Each image keeps the score that its own bank gave it without it: the fewer images a bank had, the higher
/// that is, so the merged threshold errs on the side of fewer false alarms (false rejects).
/// </summary>
public static class BankMerger
{
    /// <param name="banks">The banks to merge, learned with the same encoder, layers and options; no image may be in two of them.</param>
    /// <param name="path">The path of the new bank, which is written atomically.</param>
    /// <param name="version">The version of the new bank; null takes one above the highest of the merged ones.</param>
    /// <exception cref="LearnException">The banks cannot be merged; the message says why.</exception>
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    public static LearnResult Merge(IReadOnlyList<BankFile> banks, string id, int? version, DateTimeOffset created, string path)
    {
        var first = banks[0].Description;
        foreach (var bank in banks)
            Check(banks[0], bank);
        var names = banks.SelectMany(b => b.ImageNames()).ToList();
        if (names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new LearnException($"the image '{twice.Key}' is in {twice.Count()} of the banks: take it out of one ('bank remove')");

        using var spill = new RowSpill(Path.GetDirectoryName(Path.GetFullPath(path))!, first.Options.Precision);
        var branches = banks[0].BranchNames;
        for (var b = 0; b < branches.Count; b++)
        {
            var offset = 0;
            foreach (var bank in banks)
            {
                var rows = bank.Rows(branches[b]);
                var sources = bank.Sources(branches[b]);
                for (var row = 0; row < rows.Count; row++)
                    spill.Add(b, offset + sources[2 * row], sources[(2 * row) + 1], rows, row);
                offset += bank.Description.Images;
            }
        }

        spill.Seal(first.Options.Seed);
        var calibration = new Engine.Verdicts.Calibrator(banks.Select(b => b.Description.Calibration), (long)first.ImageWidth * first.ImageHeight)
            .Finish(first.Calibration.FalseAlarmsWanted, first.Calibration.Rule);
        var description = first with
        {
            Id = id,
            Version = version ?? banks.Max(b => b.Description.Version) + 1,
            Created = created,
            Images = names.Count,
            TrainingSha256 = TrainingDigest.Of([.. banks.Select(b => b.Description.TrainingSha256 ?? "")]),
            ReferenceStatistics = Verdicts.ReferenceStatisticsMerger.Merge([.. banks.Select(b => (b.Description.ReferenceStatistics, b.Description.Images))]),
            Calibration = first.Calibration.Rule == Verdicts.ThresholdRule.Given ? first.Calibration : calibration,
        };
        BankFile.Write(path, description, spill.ToBranches(description.BranchNames, null), names);
        return new LearnResult(description, new FileInfo(path).Length, []);
    }

    private static void Check(BankFile first, BankFile other)
    {
        var (a, b) = (first.Description, other.Description);
        var fault =
            a.EncoderSha256 != b.EncoderSha256 ? $"the encoder {b.EncoderId}, want {a.EncoderId} (or another file of that name)"
            : a.EncoderSettingsSha256 is { } settings && b.EncoderSettingsSha256 is { } others && settings != others ? $"other settings of the encoder {a.EncoderId} (its descriptor)"
            : !a.Layers.SequenceEqual(b.Layers) ? $"the layers {string.Join(", ", b.Layers)}, want {string.Join(", ", a.Layers)}"
            : JsonSerializer.Serialize(a.Options) != JsonSerializer.Serialize(b.Options) ? "other options of learning"
            : (a.ImageWidth, a.ImageHeight) != (b.ImageWidth, b.ImageHeight) ? $"images of {b.ImageWidth}x{b.ImageHeight}, want {a.ImageWidth}x{a.ImageHeight}"
            : a.Alignment?.Image != b.Alignment?.Image || !(a.Alignment?.Png ?? []).AsSpan().SequenceEqual(b.Alignment?.Png ?? []) ? "another alignment"
            : a.Regions?.Sha256 != b.Regions?.Sha256 ? "other regions"
            : a.Options.IsWhitened || a.Options.LevelMaps ? "whitened features or levels of its own, which other images do not share: learn all images together"
            : a.Reduction is not null || b.Reduction is not null ? "a reduction (coreset or budget), which merging would undo"
            : null;
        if (fault is not null)
            throw new LearnException($"{other.Path} does not fit {first.Path}: it has {fault}");
    }
}
