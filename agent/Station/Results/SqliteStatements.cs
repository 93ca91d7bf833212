using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace MrfAd.Station.Results;

/// <summary>Runs statements that are prepared once for each connection. Their parameters are $1, $2 and so on.</summary>
public static class SqliteStatements
{
    private static readonly ConditionalWeakTable<SqliteConnection, Dictionary<string, SqliteCommand>> Prepared = [];

    /// <returns>The number of rows that were changed.</returns>
    public static int Run(this SqliteConnection connection, string statement, params ReadOnlySpan<object?> values) => Bind(connection, statement, values).ExecuteNonQuery();

    /// <returns>The integer in the first column of the first row; 0 where there is no row, or it is null.</returns>
    public static long Number(this SqliteConnection connection, string query, params ReadOnlySpan<object?> values) => Bind(connection, query, values).ExecuteScalar() as long? ?? 0;

    /// <returns>All rows.</returns>
    public static List<T> Read<T>(this SqliteConnection connection, string query, Func<SqliteDataReader, T> row, params ReadOnlySpan<object?> values)
    {
        using var reader = Bind(connection, query, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(row(reader));
        return rows;
    }

    private static SqliteCommand Bind(SqliteConnection connection, string statement, ReadOnlySpan<object?> values)
    {
        var prepared = Prepared.GetOrCreateValue(connection);
        if (!prepared.TryGetValue(statement, out var command))
        {
            prepared[statement] = command = connection.CreateCommand();
            command.CommandText = statement;
            for (var i = 1; i <= values.Length; i++)
                command.Parameters.Add(new SqliteParameter($"${i}", null));
        }

        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}
