using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using MrfAd.Engine.Images;
using MrfAd.Station.Results;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Results;

/// <summary>A running station whose database holds the verdicts of a generated line, with a client that may be signed in.</summary>
internal sealed class StoredLine : IAsyncDisposable
{
    public const string Token = "a token of the station";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClientHandler _handler = new() { CookieContainer = new CookieContainer() };
    private AgentProcess _agent = null!;

    public GeneratedLine Line { get; private init; } = new();

    public HttpClient Http { get; private set; } = null!;

    public string Config { get; private set; } = "";

    public Uri Address => Http.BaseAddress!;

    /// <param name="environment">Settings as environment variables.</param>
    /// <param name="pictures">The number of last verdicts that have a frame in the evidence.</param>
    public static async Task<StoredLine> StartAsync(LearnedStation learned, GeneratedLine line, int verdicts, Dictionary<string, string>? environment = null, int pictures = 0)
    {
        var stored = new StoredLine { Line = line };
        var parts = Directory.CreateDirectory(stored._folder.File("parts")).FullName;
        LearnedStation.WritePart(Path.Combine(parts, "1.png"), seed: 50);
        await File.WriteAllTextAsync(stored._folder.File("token"), Token);
        stored.Config = learned.Configure(stored._folder, FreePort.Next(), $$"""[{ "name": "top", "source": "folder:{{parts}}" }]""");
        var settings = new Dictionary<string, string>(environment ?? []) { ["MRFAD__DASHBOARD__TOKEN_FILE"] = "token" };
        using (new ResultsStore(stored.State, TimeProvider.System))
        {
            // Makes the tables.
        }

        stored.Write(verdicts);
        stored.WritePictures(pictures);
        stored._agent = AgentProcess.Start(["run", "--config", stored.Config], settings);
        stored.Http = new HttpClient(stored._handler) { BaseAddress = await stored._agent.ListeningAsync() };
        return stored;
    }

    /// <summary>Writes further verdicts, as the station would.</summary>
    public void Write(int verdicts, GeneratedLine? line = null)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(max(number), 0) FROM verdicts";
        (line ?? Line).Write(connection, verdicts, 1 + (long)command.ExecuteScalar()!);
    }

    /// <returns>All labels in the order in which they were given.</returns>
    public List<(string Label, string By, string? Note, string? Queue)> Labels()
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT label, by, note, queue FROM labels ORDER BY number";
        using var reader = command.ExecuteReader();
        var labels = new List<(string, string, string?, string?)>();
        while (reader.Read())
            labels.Add((reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3)));
        return labels;
    }

    public string FileName(string name) => _folder.File(name);

    public async Task SignInAsync()
    {
        using var response = await Http.PostAsJsonAsync("/api/sign-in", new { token = Token });
        response.EnsureSuccessStatusCode();
        Http.DefaultRequestHeaders.Add("X-Csrf-Token", (string)(await response.Content.ReadFromJsonAsync<JsonNode>())!["csrf"]!);
    }

    public async Task<JsonNode> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonNode>(path))!;

    /// <returns>The counts of each day, once all verdicts are counted: an answer folds what is new, for up to a second.</returns>
    public async Task<JsonArray> CountsAsync()
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM verdicts";
        var all = (long)command.ExecuteScalar()!;
        JsonArray counts = [];
        await Poll.UntilAsync(
            async () =>
            {
                counts = (await GetAsync("/api/statistics/counts?period=day")).AsArray();
                return counts.Sum(c => (long)c!["parts"]!) == all;
            },
            $"the counts of {all} parts");
        return counts;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _agent.DisposeAsync();
        _handler.Dispose();
        _folder.Dispose();
    }

    private string State => _folder.File("state");

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(State, "results.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>Keeps pictures of the last verdicts.</summary>
    public void WritePictures(int count)
    {
        Directory.CreateDirectory(Path.Combine(State, "pictures"));
        using var connection = Connect();
        var parts = Parts(connection, count);
        using var transaction = connection.BeginTransaction();
        foreach (var (seed, (id, isDefective, at)) in parts.Index())
        {
            foreach (var kind in (string[])["frame", "heatmap"])
            {
                var file = $"{id}-{kind}.png";
                using var picture = kind == "frame" ? PartPicture.Frame(seed, isDefective) : PartPicture.Heatmap(seed, isDefective);
                File.WriteAllBytes(Path.Combine(State, "pictures", file), ImageCodec.Encode(picture, ImageFormat.Png));
                using var insert = connection.CreateCommand();
                insert.CommandText = "INSERT INTO pictures (verdict_id, kind, at, file, content_type, bytes, topic, delivery) VALUES ($id, $kind, $at, $file, 'image/png', 1, '', 1)";
                insert.Parameters.AddWithValue("$id", id);
                insert.Parameters.AddWithValue("$kind", kind);
                insert.Parameters.AddWithValue("$at", at);
                insert.Parameters.AddWithValue("$file", file);
                insert.ExecuteNonQuery();
            }
        }

        transaction.Commit();
    }

    private static List<(string Id, bool IsDefective, long At)> Parts(SqliteConnection connection, int count)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, verdict = 'NG', at FROM verdicts ORDER BY number DESC LIMIT $count";
        command.Parameters.AddWithValue("$count", count);
        using var reader = command.ExecuteReader();
        var parts = new List<(string, bool, long)>();
        while (reader.Read())
            parts.Add((reader.GetString(0), reader.GetBoolean(1), reader.GetInt64(2)));
        return parts;
    }
}
