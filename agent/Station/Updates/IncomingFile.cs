using System.Security.Cryptography;
using MrfAd.Contracts;
using MrfAd.Platform;

namespace MrfAd.Station.Updates;

/// <summary>A file that comes in chunks, in order, each compared with its hash before it is written. What an earlier run has of it is used.</summary>
public sealed class IncomingFile : IDisposable
{
    // So much is written between two syncs: a sync of all at the end would hold up those of the verdicts.
    private const long Unsynced = 4_000_000;

    private readonly BankStore _store;
    private readonly ModelManifest _manifest;
    private readonly Stream _file;
    private readonly string _part;
    private long _synced;

    /// <exception cref="UpdateRefusedException">There is no room for it.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public IncomingFile(BankStore store, ModelManifest manifest, long keepFree, CancellationToken cancellation)
    {
        (_store, _manifest, _part) = (store, manifest, Path.Combine(store.Folder, $"{manifest.Sha256}.model.part"));
        Count = Manifests.ChunksOf(manifest);
        foreach (var other in UserFiles.Files(store.Folder, "*.part").Where(f => f != _part))
            store.Disk.Delete(other);
        if (File.Exists(Target))
        {
            (_file, Next) = (Stream.Null, Count);
            return;
        }

        var there = new FileInfo(_part) is { Exists: true } part ? Math.Min(part.Length, manifest.Size) : 0;
        var (free, wanted) = (store.Disk.FreeBytes(store.Folder), manifest.Size - there + store.BytesToSecure + keepFree);
        if (free < wanted)
            throw new UpdateRefusedException($"the disk is too full: want {wanted} bytes free, of which {keepFree} stay free, got {free}");
        _file = store.Disk.OpenToWrite(_part);
        try
        {
            FindNext(cancellation);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Of chunks.</summary>
    public int Count { get; }

    /// <summary>The first that is not there; all before it are.</summary>
    public int Next { get; private set; }

    public bool IsComplete => Next == Count;

    private string Target => Path.Combine(_store.Folder, $"{_manifest.Sha256}.model");

    /// <returns>False: it is not the one that comes next, or not what the manifest says; ask again.</returns>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public bool Add(int number, ReadOnlySpan<byte> chunk)
    {
        if (number != Next || IsComplete || chunk.Length != Manifests.LengthOf(_manifest, number) || !IsRight(number, chunk))
            return false;
        _file.Write(chunk);
        Next++;
        if (_file.Position - _synced >= Unsynced)
            Sync();
        return true;
    }

    /// <summary>All chunks are there: the file gets its name.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public string Finish()
    {
        if (!File.Exists(Target))
        {
            Sync();
            _file.Dispose();
            _store.Disk.Rename(_part, Target);
        }

        return Target;
    }

    public void Dispose() => _file.Dispose();

    private void Sync()
    {
        _store.Disk.Sync(_file);
        _synced = _file.Position;
    }

    /// <summary>After a crash or a power cut only what fits its hash counts.</summary>
    private void FindNext(CancellationToken cancellation)
    {
        var buffer = new byte[_manifest.ChunkBytes];
        _file.Position = 0;
        while (Next < Count)
        {
            cancellation.ThrowIfCancellationRequested();
            var chunk = buffer.AsSpan(0, Manifests.LengthOf(_manifest, Next));
            if (_file.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false) < chunk.Length || !IsRight(Next, chunk))
                break;
            Next++;
        }

        _file.SetLength(Math.Min((long)Next * _manifest.ChunkBytes, _manifest.Size));
        _file.Position = _synced = _file.Length;
    }

    private bool IsRight(int number, ReadOnlySpan<byte> chunk)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(chunk, hash);
        return hash.SequenceEqual(Manifests.HashOf(_manifest, number));
    }
}
