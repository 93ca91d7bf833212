namespace MrfAd.Station.Results;

/// <summary>The indexes that history's filters need, and the tables of the statistics, folded from the verdicts.</summary>
internal static class StatisticsSchema
{
    /// <summary>The statements; a released version is never changed.</summary>
    public const string Tables =
        """

        -- Serves any combination of filters without a look at the verdicts themselves.
        CREATE INDEX verdicts_filter ON verdicts (at, number, camera, verdict, product, bank_version, score, cause);
        CREATE INDEX verdicts_cause ON verdicts (cause, at) WHERE cause IS NOT NULL;
        -- The parts that a review shows: NG, and OK from nine tenths of the threshold on.
        CREATE INDEX verdicts_doubtful ON verdicts (at) WHERE verdict = 'NG' OR score >= 0.9 * threshold;

        -- The number of the last verdict that the tables below count.
        CREATE TABLE folded (
            id     INTEGER PRIMARY KEY CHECK (id = 0),
            number INTEGER NOT NULL
        ) STRICT;
        INSERT INTO folded VALUES (0, 0);

        -- Verdicts in quarters of an hour, counted from 1970 UTC.
        CREATE TABLE quarter_counts (
            quarter INTEGER NOT NULL,
            camera  TEXT NOT NULL,
            product TEXT NOT NULL,
            verdict TEXT NOT NULL,
            cause   TEXT NOT NULL,
            count   INTEGER NOT NULL,
            PRIMARY KEY (quarter, camera, product, verdict, cause)
        ) STRICT, WITHOUT ROWID;

        -- Histograms of scores, with the threshold of the quarter's last score.
        CREATE TABLE quarter_scores (
            quarter   INTEGER NOT NULL,
            camera    TEXT NOT NULL,
            product   TEXT NOT NULL,
            threshold REAL NOT NULL,
            scores    BLOB NOT NULL,
            PRIMARY KEY (quarter, camera, product)
        ) STRICT, WITHOUT ROWID;

        -- Histograms of the milliseconds in each stage.
        CREATE TABLE quarter_stages (
            quarter INTEGER NOT NULL,
            camera  TEXT NOT NULL,
            product TEXT NOT NULL,
            stages  BLOB NOT NULL,
            PRIMARY KEY (quarter, camera, product)
        ) STRICT, WITHOUT ROWID;

        -- NG regions on a grid over the frame.
        CREATE TABLE quarter_regions (
            quarter INTEGER NOT NULL,
            camera  TEXT NOT NULL,
            product TEXT NOT NULL,
            cells   BLOB NOT NULL,
            PRIMARY KEY (quarter, camera, product)
        ) STRICT, WITHOUT ROWID;

        -- The control charts: a point for so many judged parts of a camera in the order in which they were stored.
        CREATE TABLE chart_points (
            number    INTEGER PRIMARY KEY,
            camera    TEXT NOT NULL,
            product   TEXT NOT NULL,
            phase     TEXT NOT NULL,
            at        INTEGER NOT NULL,
            parts     INTEGER NOT NULL,
            ng        INTEGER NOT NULL,
            median    REAL NOT NULL,
            share_center  REAL,
            share_z       REAL,
            share_rule    INTEGER NOT NULL,
            median_center REAL,
            median_sigma  REAL,
            median_z      REAL,
            median_rule   INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX chart_points_camera ON chart_points (camera, product, number);
        CREATE INDEX chart_points_at ON chart_points (camera, product, at);

        -- The parts of each chart's next point.
        CREATE TABLE chart_open (
            camera  TEXT NOT NULL,
            product TEXT NOT NULL,
            state   TEXT NOT NULL,
            PRIMARY KEY (camera, product)
        ) STRICT, WITHOUT ROWID;
        """;
}
