using System.Security.Cryptography;
using MrfAd.Contracts;
using MrfAd.Platform;

namespace MrfAd.Station.Updates;

/// <summary>A file that is received in chunks, in order; each is compared with its hash before it is written. Chunks that an earlier run has written are reused.</summary>
public sealed class IncomingFile : IDisposable
{
    // Maximum number of bytes between two syncs: one sync of the whole file at the end would delay those of the verdicts.
    private const long MaxUnsynced = 4_000_000;

    private readonly BankStore _store;
    private readonly ModelManifest _manifest;
    private readonly Stream _file;
    private readonly string _part;
    private long _synced;

    /// <exception cref="UpdateRefusedException">The disk has too little free space.</exception>
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

        var present = new FileInfo(_part) is { Exists: true } part ? Math.Min(part.Length, manifest.Size) : 0;
        var (free, wanted) = (store.Disk.FreeBytes(store.Folder), manifest.Size - present + store.BytesToBackUp + keepFree);
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

    /// <summary>Number of chunks.</summary>
    public int Count { get; }

    /// <summary>Number of the first missing chunk; all before it are on disk.</summary>
    public int Next { get; private set; }

    public bool IsComplete => Next == Count;

    private string Target => Path.Combine(_store.Folder, $"{_manifest.Sha256}.model");

    /// <summary>Adds a chunk.</summary>
    /// <returns>False where the chunk is not the next one or does not have the hash of the manifest; it must be requested again.</returns>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public bool Add(int number, ReadOnlySpan<byte> chunk)
    {
        if (number != Next || IsComplete || chunk.Length != Manifests.LengthOf(_manifest, number) || !IsRight(number, chunk))
            return false;
        _file.Write(chunk);
        Next++;
        if (_file.Position - _synced >= MaxUnsynced)
            Sync();
        return true;
    }

    /// <summary>Gives the complete file its final name.</summary>
    /// <returns>The path of the file.</returns>
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

    /// <summary>Finds the first missing chunk; after a crash or a power loss only chunks with the right hash count.</summary>
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
