using System.CommandLine;
using Microsoft.Data.Sqlite;
using MrfAd.Platform;
using MrfAd.Station.History;
using MrfAd.Station.Options;
using MrfAd.Station.Results;
using MrfAd.Station.Statistics;

namespace MrfAd.Cli.Commands;

/// <summary>The stored verdicts of a station, read beside it while it runs or when it does not.</summary>
internal sealed class ResultsFile
{
    private readonly string _path;

    /// <exception cref="UsageException">There are no stored verdicts.</exception>
    /// <exception cref="IOException">What has the name of their file is none.</exception>
    public ResultsFile(StationOptions options)
    {
        _path = Path.Combine(options.StateFolder, ResultsStore.FileName);
        if (!File.Exists(_path))
            throw new UsageException($"there is no '{_path}': no station has run with this configuration");
        RegularFile.Check(_path);
        CheckVersion();
        Options = options;
        Calendar = new ShiftCalendar(options.Statistics);
        History = new HistoryQuery(OpenRead, Calendar);
        Statistics = new StatisticsQuery(OpenRead, Calendar);
        Pictures = new KeptPictures(options.StateFolder, options.Evidence.Folder);
    }

    public StationOptions Options { get; }

    public ShiftCalendar Calendar { get; }

    public HistoryQuery History { get; }

    public StatisticsQuery Statistics { get; }

    public KeptPictures Pictures { get; }

    /// <summary>Runs a command on the stored verdicts of the station that the command line names.</summary>
    public static async Task<int> UseAsync(ParseResult parsed, Func<ResultsFile, Task<int>> use)
    {
        var results = new ResultsFile(ConfigOptions.LoadForResults(parsed));
        try
        {
            return await use(results);
        }
        catch (FilterException e)
        {
            throw new UsageException(e.Message);
        }
        catch (SqliteException e)
        {
            throw new IOException($"{results._path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Refuses tables that lack what this program reads: a station brings them up to date at its start, and this only reads.</summary>
    private void CheckVersion()
    {
        try
        {
            using var connection = OpenRead();
            var version = connection.Number("PRAGMA user_version");
            if (version < ResultsSchema.Version)
                throw new UsageException($"the tables in '{_path}' are older than this program (want version {ResultsSchema.Version}, got {version}): start the station once with it");
        }
        catch (SqliteException)
        {
            // Who reads the results says why that is not possible.
        }
    }

    public SqliteConnection OpenRead()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadOnly, DefaultTimeout = 5 }.ToString());
        connection.Open();
        return connection;
    }
}
