using System.Formats.Tar;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MrfAd.Testing;
using Parquet;

namespace MrfAd.Integration.Tests.Results;

/// <summary>Stored verdicts over HTTP and on the command line, of a running station.</summary>
public sealed class ResultsApiTests(LearnedStation learned) : IClassFixture<LearnedStation>
{
    private const int Verdicts = 3000;

    // Some days old: the outbox deletes what is older than its max_age.
    private static readonly DateTimeOffset Day = TimeProvider.System.GetUtcNow().AddDays(-3).Date;

    // Within the early shift.
    private static readonly GeneratedLine Line = new() { Start = Day.AddHours(6), NgRate = 0.05 };

    [Fact]
    public async Task Every_program_reads_filters_pages_and_files_and_learns_the_API_from_its_description()
    {
        await using var station = await StoredLine.StartAsync(learned, Line, Verdicts, pictures: 100);
        var cancellation = TestContext.Current.CancellationToken;

        var page = await station.GetAsync("/api/results?verdict=NG&camera=top&limit=5");
        Assert.Equal(5, page["verdicts"]!.AsArray().Count);
        Assert.All(page["verdicts"]!.AsArray(), v => Assert.Equal(("NG", "top"), ((string)v!["verdict"]!, (string)v["camera"]!)));
        var next = await station.GetAsync($"/api/results?verdict=NG&camera=top&limit=5&before={page["next"]}");
        Assert.True((long)next["verdicts"]![0]!["number"]! < (long)page["verdicts"]![4]!["number"]!);

        var id = (string)page["verdicts"]![0]!["id"]!;
        var part = await station.GetAsync($"/api/results/{id}");
        Assert.Equal(id, (string)part["verdict"]!["id"]!);
        Assert.Equal(["frame", "heatmap"], part["pictures"]!.AsArray().Select(p => (string)p!));
        Assert.Equal("image/png", (await station.Http.GetAsync($"/api/results/{id}/pictures/heatmap", cancellation)).Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotFound, (await station.Http.GetAsync($"/api/results/{Guid.NewGuid()}", cancellation)).StatusCode);

        var counts = await station.CountsAsync();
        Assert.Equal(Verdicts, counts.Sum(c => (long)c!["parts"]!));
        Assert.Equal(Verdicts, (long)(await station.GetAsync("/api/statistics/stages?above_ms=120"))["parts"]!);
        Assert.NotEmpty((await station.GetAsync("/api/statistics/scores"))["trend"]!.AsArray());
        Assert.NotEmpty((await station.GetAsync("/api/statistics/charts?camera=top"))[0]!["points"]!.AsArray());

        var csv = await station.Http.GetStringAsync("/api/results/export?format=csv&verdict=NG", cancellation);
        Assert.Equal(counts.Sum(c => (long)c!["ng"]!) + 1, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        using var parquet = new MemoryStream(await station.Http.GetByteArrayAsync("/api/results/export?format=parquet", cancellation));
        await using var reader = await ParquetReader.CreateAsync(parquet, cancellationToken: cancellation);
        Assert.Equal(Verdicts, Enumerable.Range(0, reader.RowGroupCount).Sum(g => reader.OpenRowGroupReader(g).RowCount));

        var paths = (await station.GetAsync("/api/openapi.json"))["paths"]!.AsObject().Select(p => p.Key).ToList();
        Assert.Superset(
            new HashSet<string>(["/api/results", "/api/results/{id}", "/api/results/export", "/api/results/dataset", "/api/results/report", "/api/statistics/counts", "/api/statistics/charts", "/api/review/queue", "/api/review/labels", "/api/review/rates", "/api/review/corrections"]),
            new HashSet<string>(paths));
    }

    [Theory]
    [InlineData("/api/results?verdict=bad", "verdict: want OK, NG, INVALID, TIMEOUT or COLLECTING, got 'bad'")]
    [InlineData("/api/results?limit=0", "limit: want 1 to 1000, got '0'")]
    [InlineData("/api/results?before=yesterday", "before: want the 'next' of an earlier page, got 'yesterday'")]
    [InlineData("/api/results?colour=red", "unknown filter 'colour'; known: from, to, shift, camera, product, verdict, cause, score_min, score_max, bank, serial, part, trigger, label")]
    [InlineData("/api/results/export?format=xls", "format: want csv, jsonl or parquet, got 'xls'")]
    [InlineData("/api/statistics/counts?period=week", "period: want hour, shift or day, got 'week'")]
    [InlineData("/api/statistics/counts?verdict=NG", "statistics take from, to, shift=2026-11-29/early, camera and product")]
    [InlineData("/api/review/queue?queue=all", "queue: want ng, doubtful, sample, got 'all'")]
    [InlineData("/api/results/dataset?label=good", "label: a data set holds good and bad parts")]
    [InlineData("/api/results/report", "want one time: shift=2026-11-29/early, or from=… and to=…")]
    public async Task A_wrong_question_is_answered_with_400_and_a_sentence(string path, string sentence)
    {
        await using var station = await StoredLine.StartAsync(learned, Line, 10);

        using var response = await station.Http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(sentence, (string)(await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["error"]!);
    }

    [Fact]
    public async Task A_closed_station_shows_nothing_without_its_token_and_labels_need_a_session()
    {
        await using var station = await StoredLine.StartAsync(learned, Line, 200, new() { ["MRFAD__DASHBOARD__CLOSED"] = "true" });
        string[] paths = ["/api/results", "/api/results/choices", "/api/results/export", $"/api/results/report?from={Day:yyyy-MM-dd}&to={Day.AddDays(1):yyyy-MM-dd}", "/api/statistics/counts", "/api/statistics/charts", "/api/review/queue", "/api/review/rates", "/api/review/corrections", "/api/openapi.json"];

        foreach (var path in paths)
            Assert.Equal(HttpStatusCode.Unauthorized, (await station.Http.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await station.Http.GetAsync("/api/results/dataset", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await LabelAsync(station, Guid.NewGuid(), "good")).StatusCode);
        await station.SignInAsync();
        foreach (var path in paths)
            Assert.Equal(HttpStatusCode.OK, (await station.Http.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);

        var part = (await station.GetAsync("/api/review/queue?queue=ng"))[0]!;
        Assert.Equal(HttpStatusCode.OK, (await LabelAsync(station, (Guid)part["id"]!, "good", "a scratch, but allowed")).StatusCode);
        Assert.NotEqual((string)part["id"]!, (string)(await station.GetAsync("/api/review/queue?queue=ng"))[0]!["id"]!);
        var stored = await station.GetAsync($"/api/results/{part["id"]}");
        Assert.Equal(("good", "Ada", "a scratch, but allowed"), ((string)stored["labels"]![0]!["label"]!, (string)stored["labels"]![0]!["by"]!, (string)stored["labels"]![0]!["note"]!));
        Assert.Equal("NG", (string)stored["verdict"]!["verdict"]!);
        Assert.Equal(1, (int)(await station.GetAsync("/api/review/rates"))["ng_good"]!);
        Assert.Equal(HttpStatusCode.BadRequest, (await LabelAsync(station, (Guid)part["id"]!, "fine")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await LabelAsync(station, Guid.NewGuid(), "good")).StatusCode);
    }

    [Fact]
    public async Task The_command_line_lists_shows_exports_and_reports_beside_the_running_station()
    {
        await using var station = await StoredLine.StartAsync(learned, Line, Verdicts, pictures: 60);
        await station.CountsAsync();

        var (code, output, errors) = await AgentProcess.RunAsync("results", "list", "--config", station.Config, "--verdict", "NG", "--limit", "3", "--json");
        Assert.True(code == 0, errors);
        var listed = JsonNode.Parse(output)!.AsArray();
        Assert.Equal(3, listed.Count);

        (code, output, errors) = await AgentProcess.RunAsync("results", "show", (string)listed[0]!["id"]!, "--config", station.Config);
        Assert.True(code == 0, errors);
        Assert.Equal((string)listed[0]!["id"]!, (string)JsonNode.Parse(output)!["verdict"]!["id"]!);

        (code, _, errors) = await AgentProcess.RunAsync("results", "export", "--config", station.Config, "--format", "jsonl", "--out", station.FileName("all.jsonl"));
        Assert.True(code == 0, errors);
        Assert.Equal(Verdicts, File.ReadLines(station.FileName("all.jsonl")).Count());

        (code, _, errors) = await AgentProcess.RunAsync("results", "report", "--config", station.Config, "--shift", $"{Day:yyyy-MM-dd}/early", "--out", station.FileName("early.html"));
        Assert.True(code == 0, errors);
        var report = await File.ReadAllTextAsync(station.FileName("early.html"), TestContext.Current.CancellationToken);
        Assert.Contains("<b>3,000</b>parts", report, StringComparison.Ordinal);
        Assert.Contains("data:image/jpeg;base64,", report, StringComparison.Ordinal);

        (code, _, errors) = await AgentProcess.RunAsync("results", "list", "--config", station.Config, "--score-min", "much");
        Assert.Equal((2, "mrfad: score_min: want a number, got 'much'"), (code, errors.Trim()));

        // Of the configuration only the state folder, the shifts and the time zone count: a copy of the state is read where the line is not.
        var config = JsonNode.Parse(await File.ReadAllTextAsync(station.Config, TestContext.Current.CancellationToken))!;
        (config["detector"], config["cameras"], config["mqtt"]) = (JsonNode.Parse("""{ "bank": "gone.mrfbank" }"""), JsonNode.Parse("""[{ "source": "folder:gone" }]"""), JsonNode.Parse("""{ "hots": "?" }"""));
        await File.WriteAllTextAsync(station.Config, config.ToJsonString(), TestContext.Current.CancellationToken);
        (code, output, errors) = await AgentProcess.RunAsync("results", "list", "--config", station.Config, "--limit", "3", "--json");
        Assert.True(code == 0, errors);
        Assert.Equal(3, JsonNode.Parse(output)!.AsArray().Count);
        config["statistics"] = JsonNode.Parse("""{ "time_zone": "Mars/Olympus" }""");
        await File.WriteAllTextAsync(station.Config, config.ToJsonString(), TestContext.Current.CancellationToken);
        (code, _, errors) = await AgentProcess.RunAsync("results", "list", "--config", station.Config);
        Assert.Equal(2, code);
        Assert.Contains("statistics.time_zone: want a name of the IANA database", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labelled_parts_become_a_data_set_that_evaluate_reads()
    {
        await using var station = await StoredLine.StartAsync(learned, Line, Verdicts, pictures: 400);
        await station.SignInAsync();
        var parts = (await station.GetAsync("/api/results?limit=400"))["verdicts"]!.AsArray().Where(v => (string)v!["verdict"]! is "OK" or "NG").Select(v => ((Guid)v!["id"]!, (string)v["verdict"]! == "NG")).ToList();
        var (passed, rejected) = (parts.Where(p => !p.Item2).Take(10).ToList(), parts.Where(p => p.Item2).Take(4).ToList());
        foreach (var (id, isBad) in passed.Concat(rejected))
            Assert.Equal(HttpStatusCode.OK, (await LabelAsync(station, id, isBad ? "bad" : "good")).StatusCode);

        var (code, output, errors) = await AgentProcess.RunAsync("results", "dataset", station.FileName("reviewed"), "--config", station.Config);

        Assert.True(code == 0, errors);
        Assert.Contains("10 good parts, every fifth for the test, and 4 bad ones; of 0 labelled parts no frame is kept", output, StringComparison.Ordinal);
        var dataset = Assert.Single(Engine.Datasets.Dataset.Read(station.FileName("reviewed")));
        Assert.Equal((Engine.Datasets.DatasetLayout.MvtecAd, 8, 6), (dataset.Layout, dataset.Train.Count, dataset.Test.Count));
        Assert.All(dataset.Test.Where(i => i.Defective == true), image => Assert.True(File.Exists(image.Mask)));

        // The archive over HTTP holds the same files.
        using var response = await station.Http.GetAsync("/api/results/dataset", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "application/x-tar", null), (response.StatusCode, response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentLength));
        using var archive = new MemoryStream(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        using (var reader = new TarReader(archive, leaveOpen: true))
            Assert.Equal("10 good parts, every fifth for the test, and 4 bad ones; of 0 labelled parts no frame is kept", ((PaxGlobalExtendedAttributesTarEntry)reader.GetNextEntry()!).GlobalExtendedAttributes["comment"]);
        archive.Position = 0;
        Directory.CreateDirectory(station.FileName("unpacked"));
        await TarFile.ExtractToDirectoryAsync(archive, station.FileName("unpacked"), overwriteFiles: false, TestContext.Current.CancellationToken);
        Assert.Equal(FilesIn(station.FileName("reviewed")), FilesIn(station.FileName("unpacked/s1")));

        using var good = await station.Http.GetAsync("/api/results/dataset?verdict=OK", TestContext.Current.CancellationToken);
        using var some = new TarReader(await good.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        while (await some.GetNextEntryAsync(cancellationToken: TestContext.Current.CancellationToken) is { } entry)
            Assert.DoesNotContain("bad/", entry.Name, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await station.Http.GetAsync("/api/results/dataset?serial=none", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task The_report_of_a_shift_prints_to_PDF()
    {
        await using var station = await StoredLine.StartAsync(learned, Line, Verdicts, pictures: 600);
        await station.CountsAsync();
        await File.WriteAllTextAsync(
            station.FileName("report.html"), await station.Http.GetStringAsync($"/api/results/report?shift={Day:yyyy-MM-dd}/early", TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        await Browser.PrintAsync(station.FileName("report.html"), station.FileName("report.pdf"));

        var pdf = await File.ReadAllBytesAsync(station.FileName("report.pdf"), TestContext.Current.CancellationToken);
        Assert.Equal("%PDF", System.Text.Encoding.ASCII.GetString(pdf[..4]));
        // With its pictures it has some 500 KB, without them some 50.
        Assert.InRange(pdf.Length, 100_000, 20_000_000);
        if (Environment.GetEnvironmentVariable("MRFAD_PICTURES") is { } folder)
            File.Copy(station.FileName("report.pdf"), Path.Combine(folder, "report.pdf"), overwrite: true);
    }

    [Fact(Timeout = 300_000)]
    public async Task A_doubled_NG_rate_is_told_in_the_state_as_a_metric_and_on_the_page_within_50_parts()
    {
        var quiet = new GeneratedLine { Start = Line.Start, Cameras = ["top"], Products = [null], NgRate = 0.3 };
        await using var station = await StoredLine.StartAsync(learned, quiet, 25 * 200);
        Assert.Contains("mrfad_chart_signal{camera=\"top\",chart=\"ng_share\"}", await station.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // One point of the chart is 25 parts.
        station.Write(50, new GeneratedLine { Start = Line.Start, Cameras = ["top"], Products = [null], NgRate = 0.6 });

        // An answer folds what is new, for up to a second.
        var end = quiet.Start + (quiet.Interval * 25 * 200);
        await Poll.UntilAsync(
            async () => (await station.GetAsync("/api/statistics/charts")).AsArray().SelectMany(chart => chart!["signals"]!.AsArray()).Any(s => (string)s!["chart"]! == "ng_share" && (int)s["rule"]! > 0 && (DateTimeOffset)s["at"]! > end),
            "a signal of the NG share");

        Assert.Contains("mrfad_chart_signal{camera=\"top\",chart=\"ng_share\"} 1", await station.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var state = await station.Http.GetAsync("/healthz", TestContext.Current.CancellationToken);
        Assert.Contains("control chart of top: NG share", (string)JsonNode.Parse(await state.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["reason"]!, StringComparison.Ordinal);
    }

    private static List<(string Path, string Sha256)> FilesIn(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => (Path.GetRelativePath(folder, file), Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))))).Order(),
    ];

    private static Task<HttpResponseMessage> LabelAsync(StoredLine station, Guid verdict, string label, string? note = null) =>
        station.Http.PostAsJsonAsync("/api/review/labels", new { verdict, label, by = "Ada", note, queue = "ng" });
}
