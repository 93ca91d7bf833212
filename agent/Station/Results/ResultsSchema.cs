using Microsoft.Data.Sqlite;

namespace MrfAd.Station.Results;

/// <summary>
/// The tables of <c>results.db</c>, a public contract for readers: docs/results.md explains each column. A change of the tables is a further entry of
/// <see cref="Versions"/>; entries that were released are never changed.
/// </summary>
public static class ResultsSchema
{
    /// <summary>SQLite's <c>application_id</c> of this database, "MrfR": another program's file is recognised by it.</summary>
    public const int ApplicationId = 0x4D726652;

    /// <summary>
    /// The statements that lead from each version of the tables to the next, and those that lead back, for a way back to an earlier agent; null where none do.
    /// <c>user_version</c> is the number of those that were run. A file of the state folder that an earlier agent could not read any more is a version, too.
    /// </summary>
    private static readonly (string Up, string? Back)[] Versions =
    [
        ("""
        -- Triggers that were accepted and have no verdict yet.
        CREATE TABLE pending_triggers (
            verdict_id TEXT PRIMARY KEY,
            camera     TEXT NOT NULL,
            seq        INTEGER NOT NULL,
            trigger_id TEXT NOT NULL,
            source     TEXT NOT NULL,
            at         INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- The verdicts, in the order in which they were stored. Times are milliseconds since 1970 UTC.
        CREATE TABLE verdicts (
            number       INTEGER PRIMARY KEY,
            id           TEXT NOT NULL,
            camera       TEXT NOT NULL,
            product      TEXT,
            seq          INTEGER NOT NULL,
            trigger_id   TEXT NOT NULL,
            serial       TEXT,
            at           INTEGER NOT NULL,
            verdict      TEXT NOT NULL,
            cause        TEXT,
            score        REAL,
            threshold    REAL,
            p_value      REAL,
            bank_id      TEXT,
            bank_version INTEGER,
            total_ms     REAL NOT NULL,
            topic        TEXT NOT NULL,
            delivery     INTEGER NOT NULL,
            message      TEXT NOT NULL,
            checksum     INTEGER
        ) STRICT;

        CREATE UNIQUE INDEX verdicts_id ON verdicts (id);
        CREATE INDEX verdicts_camera ON verdicts (camera, at);
        CREATE INDEX verdicts_verdict ON verdicts (verdict, at);
        -- A range of scores is put in order of time from the index alone.
        CREATE INDEX verdicts_score ON verdicts (score, at) WHERE score IS NOT NULL;
        CREATE INDEX verdicts_bank ON verdicts (bank_version, at) WHERE bank_version IS NOT NULL;
        CREATE INDEX verdicts_product ON verdicts (product, at) WHERE product IS NOT NULL;
        CREATE INDEX verdicts_serial ON verdicts (serial) WHERE serial IS NOT NULL;
        CREATE INDEX verdicts_trigger ON verdicts (trigger_id, camera);
        CREATE INDEX verdicts_waiting ON verdicts (topic, number) WHERE delivery = 0;

        -- The hottest spots of an NG part with the normal patches nearest to them.
        CREATE TABLE explanations (
            verdict_id TEXT PRIMARY KEY,
            spots      TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- The pictures, which are files below pictures/.
        CREATE TABLE pictures (
            number       INTEGER PRIMARY KEY,
            verdict_id   TEXT NOT NULL,
            kind         TEXT NOT NULL,
            at           INTEGER NOT NULL,
            file         TEXT NOT NULL,
            content_type TEXT NOT NULL,
            bytes        INTEGER NOT NULL,
            topic        TEXT NOT NULL,
            delivery     INTEGER NOT NULL,
            camera       TEXT NOT NULL DEFAULT '',
            seq          INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE UNIQUE INDEX pictures_verdict ON pictures (verdict_id, kind);
        CREATE INDEX pictures_waiting ON pictures (topic, number) WHERE delivery = 0;

        -- The triggers of verdicts that were deleted, while their ids are to be known.
        CREATE TABLE known_triggers (
            number     INTEGER PRIMARY KEY,
            trigger_id TEXT NOT NULL,
            camera     TEXT NOT NULL,
            at         INTEGER NOT NULL
        ) STRICT;

        CREATE INDEX known_triggers_trigger ON known_triggers (trigger_id, camera);

        -- The last sequence number that each camera has given.
        CREATE TABLE sequences (
            camera TEXT PRIMARY KEY,
            seq    INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- What the broker will never get, over all runs.
        CREATE TABLE drop_counts (
            what   TEXT NOT NULL,
            reason TEXT NOT NULL,
            count  INTEGER NOT NULL,
            PRIMARY KEY (what, reason)
        ) STRICT, WITHOUT ROWID;

        -- What people said of a part; the newest of a verdict counts, the earlier ones stay. The queue says where the label came from: 'ng', 'doubtful' or
        -- 'sample' of the review, or 'history', where somebody picked the part.
        CREATE TABLE labels (
            number     INTEGER PRIMARY KEY,
            verdict_id TEXT NOT NULL,
            label      TEXT NOT NULL,
            by         TEXT NOT NULL,
            note       TEXT,
            at         INTEGER NOT NULL,
            queue      TEXT
        ) STRICT;

        CREATE INDEX labels_verdict ON labels (verdict_id, number);
        CREATE INDEX labels_label ON labels (label, verdict_id);
        """ + StatisticsSchema.Tables, null),
        ("""
        -- The data of the part that came with a trigger (free fields as a JSON object), and the product by which it is judged.
        ALTER TABLE pending_triggers ADD COLUMN serial TEXT;
        ALTER TABLE pending_triggers ADD COLUMN meta TEXT;
        ALTER TABLE pending_triggers ADD COLUMN product TEXT;
        """,
        """
        ALTER TABLE pending_triggers DROP COLUMN product;
        ALTER TABLE pending_triggers DROP COLUMN meta;
        ALTER TABLE pending_triggers DROP COLUMN serial;
        """),
        ("""
        -- The W3C traceparent: of the sender of a trigger, and of the span of a part, which that of its delivery joins.
        ALTER TABLE pending_triggers ADD COLUMN traceparent TEXT;
        ALTER TABLE verdicts ADD COLUMN traceparent TEXT;
        """,
        """
        ALTER TABLE verdicts DROP COLUMN traceparent;
        ALTER TABLE pending_triggers DROP COLUMN traceparent;
        """),
        ("""
        -- The id of the part that came with a trigger. A verdict that is a view of a part has that part's number: 0 until the part is judged.
        ALTER TABLE pending_triggers ADD COLUMN part TEXT;
        ALTER TABLE verdicts ADD COLUMN part TEXT;
        ALTER TABLE verdicts ADD COLUMN part_number INTEGER;
        CREATE INDEX verdicts_part ON verdicts (part) WHERE part IS NOT NULL;
        CREATE INDEX verdicts_part_number ON verdicts (part_number) WHERE part_number IS NOT NULL;

        -- The verdicts of parts of several views, in the order in which they were judged; the time is that of the first trigger.
        CREATE TABLE parts (
            number    INTEGER PRIMARY KEY,
            id        TEXT NOT NULL,
            part      TEXT NOT NULL,
            seq       INTEGER NOT NULL,
            product   TEXT,
            serial    TEXT,
            at        INTEGER NOT NULL,
            judged_at INTEGER NOT NULL,
            verdict   TEXT NOT NULL,
            missing   INTEGER NOT NULL,
            topic     TEXT NOT NULL,
            delivery  INTEGER NOT NULL,
            message   TEXT NOT NULL,
            checksum  INTEGER
        ) STRICT;

        CREATE UNIQUE INDEX parts_id ON parts (id);
        CREATE INDEX parts_part ON parts (part);
        CREATE INDEX parts_waiting ON parts (topic, number) WHERE delivery = 0;
        """,
        """
        DROP TABLE parts;
        DROP INDEX verdicts_part_number;
        DROP INDEX verdicts_part;
        ALTER TABLE verdicts DROP COLUMN part_number;
        ALTER TABLE verdicts DROP COLUMN part;
        ALTER TABLE pending_triggers DROP COLUMN part;
        """),
    ];

    /// <summary>The version of the tables that this program reads and writes.</summary>
    public static int Version => Versions.Length;

    /// <summary>The earliest version to which <see cref="MigrateBack"/> leads.</summary>
    public static int EarliestVersion => 1 + Array.FindLastIndex(Versions, version => version.Back is null);

    /// <summary>Creates the tables of an empty database, or brings those of an earlier version up to this one, in one transaction.</summary>
    /// <exception cref="ResultsException">The file is another program's, or was written by a newer version of the agent.</exception>
    /// <exception cref="SqliteException">The file cannot be read or written.</exception>
    public static void Migrate(SqliteConnection connection)
    {
        var (version, application) = (connection.Number("PRAGMA user_version"), connection.Number("PRAGMA application_id"));
        if (version == 0 && application == 0 && connection.Number("SELECT count(*) FROM sqlite_schema") == 0)
            connection.Run("PRAGMA auto_vacuum = INCREMENTAL");
        else if (application != ApplicationId)
            throw new ResultsException($"'{connection.DataSource}' is a database of another program (want application id 0x{ApplicationId:X8}, got 0x{application:X8})");
        if (version > Versions.Length)
            throw new ResultsException($"'{connection.DataSource}' was written by a newer version of the agent (its tables have version {version}, this agent knows {Versions.Length})");
        if (version == Versions.Length)
            return;

        connection.Run("BEGIN IMMEDIATE");
        foreach (var (up, _) in Versions[(int)version..])
            connection.Run(up);
        connection.Run($"PRAGMA application_id = {ApplicationId}");
        connection.Run($"PRAGMA user_version = {Versions.Length}");
        connection.Run("COMMIT");
    }

    /// <summary>Takes the tables back to an earlier version, in one transaction. Verdicts, triggers and labels stay; columns that the earlier version does not have are lost.</summary>
    /// <exception cref="ResultsException">The file is another program's or of a version that is not known, or no statements lead back so far.</exception>
    /// <exception cref="SqliteException">The file cannot be read or written.</exception>
    public static void MigrateBack(SqliteConnection connection, int target)
    {
        var version = (int)connection.Number("PRAGMA user_version");
        if (connection.Number("PRAGMA application_id") != ApplicationId || version > Version || target < EarliestVersion)
            throw new ResultsException($"'{connection.DataSource}' cannot be taken from version {version} back to {target}: want a database of this agent, of at most version {Version}, and a target of at least {EarliestVersion}");
        if (version <= target)
            return;
        connection.Run("BEGIN IMMEDIATE");
        for (var at = version; at > target; at--)
            connection.Run(Versions[at - 1].Back!);
        connection.Run($"PRAGMA user_version = {target}");
        connection.Run("COMMIT");
    }
}
