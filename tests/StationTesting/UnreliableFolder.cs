using MrfAd.Station.Outbox;

namespace MrfAd.Testing;

/// <summary>A log's folder in memory that simulates a disk which fills up, fails, and loses unsynced data in a power loss.</summary>
public sealed class UnreliableFolder : ILogFolder
{
    // In bytes; a disk writes a sector atomically.
    private const int Sector = 512;

    private readonly SortedDictionary<string, Content> _files = new(StringComparer.Ordinal);

    /// <summary>Free space in bytes.</summary>
    public long Room { get; set; } = long.MaxValue / 2;

    /// <summary>True once the disk has failed: nothing can be created, written or deleted any more.</summary>
    public bool IsReadOnly { get; set; }

    public long Bytes => _files.Values.Sum(f => (long)f.Bytes.Count);

    public int Syncs { get; private set; }

    /// <summary>Called when a file has been created.</summary>
    public Action? Created { get; set; }

    /// <summary>Returns the folder after a power loss: all synced data, and a random part of the rest, torn at sectors.</summary>
    public UnreliableFolder AfterPowerLoss(Random random)
    {
        var after = new UnreliableFolder();
        foreach (var (name, file) in _files)
        {
            if (!file.IsNamed && random.Next(2) == 0)
                continue;
            var bytes = file.Bytes[..random.Next(file.Synced, file.Bytes.Count + 1)];
            for (var at = file.Synced; at < bytes.Count; at = (at / Sector + 1) * Sector)
            {
                for (var i = at; random.Next(3) == 0 && i < Math.Min(bytes.Count, (at / Sector + 1) * Sector); i++)
                    bytes[i] = (byte)random.Next(256);
            }

            after._files[name] = new Content { Bytes = bytes, Synced = bytes.Count, IsNamed = true };
        }

        return after;
    }

    /// <summary>Lets a test change the stored bytes of a file.</summary>
    public void Damage(string name, Action<List<byte>> damage) => damage(_files[name].Bytes);

    public IReadOnlyList<string> List() => [.. _files.Keys];

    public ILogFile Create(string name)
    {
        Change();
        var file = new Content { Folder = this, Name = name };
        _files.Add(name, file);
        Created?.Invoke();
        return file;
    }

    public byte[] Read(string name) => [.. _files[name].Bytes];

    public int Read(string name, long offset, Span<byte> buffer)
    {
        if (!_files.TryGetValue(name, out var file))
            throw new FileNotFoundException(name);
        var count = (int)Math.Min(buffer.Length, file.Bytes.Count - offset);
        file.Bytes.GetRange((int)offset, count).CopyTo(buffer);
        return count;
    }

    public void Delete(string name)
    {
        Change();
        Room += _files[name].Bytes.Count;
        _files.Remove(name);
    }

    private void Change()
    {
        if (IsReadOnly)
            throw new IOException("Read-only file system", 30);
    }

    private sealed class Content : ILogFile
    {
        public UnreliableFolder? Folder { get; init; }

        public string Name { get; init; } = "";

        public List<byte> Bytes { get; init; } = [];

        public int Synced { get; set; }

        public bool IsNamed { get; set; }

        public void Append(ReadOnlySpan<byte> bytes)
        {
            Folder!.Change();
            var fits = (int)Math.Min(bytes.Length, Folder.Room);
            Bytes.AddRange(bytes[..fits]);
            Folder.Room -= fits;
            if (fits < bytes.Length)
                throw new IOException($"No space left on device : '{Name}'", 28);
        }

        public void Sync()
        {
            Folder!.Syncs++;
            (Synced, IsNamed) = (Bytes.Count, true);
        }

        public void Dispose()
        {
        }
    }
}
