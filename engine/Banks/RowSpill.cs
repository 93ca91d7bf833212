using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Banks;

/// <summary>The rows of all branches on disk while a bank is being made, so that its size is not bounded by memory. Leaves nothing behind.</summary>
internal sealed class RowSpill : IDisposable
{
    private readonly List<Branch> _branches = [];
    private readonly string _folder;

    /// <exception cref="IOException">The folder cannot be written; said before the long work begins.</exception>
    public RowSpill(string folder)
    {
        _folder = folder;
        try
        {
            Directory.CreateDirectory(folder);
            new Branch(folder, dimension: 1).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"a bank cannot be written to {folder}: {e.Message}", e);
        }
    }

    /// <summary>Appends a row [D] to branch <paramref name="branch"/> (branches begin in order).</summary>
    public void Add(int branch, int image, int patch, ReadOnlySpan<float> row)
    {
        if (branch == _branches.Count)
            _branches.Add(new Branch(_folder, row.Length));
        _branches[branch].Add(image, patch, row);
    }

    /// <returns>A search over each branch as it stands; usable until this object is disposed.</returns>
    public ExactSearch[] CreateSearches() => [.. _branches.Select(b => b.CreateSearch())];

    public IReadOnlyList<BankBranch> ToBranches(IEnumerable<string> names) => [.. names.Zip(_branches, (name, branch) => branch.Named(name))];

    public void Dispose()
    {
        foreach (var branch in _branches)
            branch.Dispose();
    }

    private sealed unsafe class Branch : IDisposable
    {
        private readonly FileStream _file;
        private readonly int _dimension;
        private readonly List<int> _sources = [];
        private MemoryMappedFile? _mapped;
        private MemoryMappedViewAccessor? _view;

        public Branch(string folder, int dimension)
        {
            var path = Path.Combine(folder, $".rows.{Guid.NewGuid():N}.tmp");
            _file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 20);
            File.Delete(path); // the open file lives on without a name: nothing stays behind, however this ends
            _dimension = dimension;
        }

        private int Rows => _sources.Count / 2;

        public void Add(int image, int patch, ReadOnlySpan<float> row)
        {
            _file.Write(MemoryMarshal.AsBytes(row));
            _sources.Add(image);
            _sources.Add(patch);
        }

        public ExactSearch CreateSearch()
        {
            _file.Flush();
            _mapped = MemoryMappedFile.CreateFromFile(_file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            _view = _mapped.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            return new ExactSearch((float*)start, Rows, _dimension);
        }

        public BankBranch Named(string name) => new(name, Rows, _dimension, [.. _sources], target =>
        {
            _file.Position = 0;
            _file.CopyTo(target, 1 << 20);
        });

        public void Dispose()
        {
            _view?.SafeMemoryMappedViewHandle.ReleasePointer();
            _view?.Dispose();
            _mapped?.Dispose();
            _file.Dispose();
        }
    }
}
