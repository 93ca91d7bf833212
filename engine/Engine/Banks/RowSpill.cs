using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using MrfAd.Engine.Features;
using MrfAd.Engine.Search;
using MrfAd.Platform;

namespace MrfAd.Engine.Banks;

/// <summary>
/// The rows of all branches on disk while a bank is being made, so that its size is not bounded by memory. First rows are added, in the
/// order of images and patches, then they are sealed and searched. Its files have no names, so nothing is left behind.
/// </summary>
internal sealed class RowSpill : IDisposable
{
    private readonly List<Branch> _branches = [];
    private readonly string _folder;
    private readonly RowPrecision _precision;
    private float[] _vector = [];

    /// <exception cref="IOException">The folder cannot be written, which shows here, before the long work begins.</exception>
    public RowSpill(string folder, RowPrecision precision)
    {
        (_folder, _precision) = (folder, precision);
        try
        {
            UserFiles.CreateFolder(folder);
            new Branch(folder, dimension: 1, precision).Dispose();
        }
        catch (IOException e)
        {
            throw new IOException($"a bank cannot be written to {folder}: {e.Message}", e);
        }
    }

    public int Count => _branches.Count;

    /// <summary>Creates a branch before it has rows: an image need not have a row in each branch, so a later branch may get its first row earlier.</summary>
    /// <param name="branch">The number of the branch: the next one, or one that exists.</param>
    public void Begin(int branch, int dimension) => GetOrBegin(branch, dimension);

    /// <summary>Appends a row [D] to branch <paramref name="branch"/> (branches begin in order).</summary>
    /// <exception cref="OverflowException">A value is too large for the precision.</exception>
    public void Add(int branch, int image, int patch, ReadOnlySpan<float> row) => GetOrBegin(branch, row.Length).Add(image, patch, row);

    /// <summary>Appends a patch of an image.</summary>
    /// <param name="path">The path of the image, for the error message.</param>
    /// <param name="source">The number of the patch in its image, where that is not <paramref name="patch"/>.</param>
    /// <exception cref="LearnException">A value is not finite, or too large for the precision.</exception>
    public void AddPatch(int branch, int image, int patch, PatchFeatures features, string path, int? source = null)
    {
        if (_vector.Length < features.Dimension)
            _vector = new float[features.Dimension];
        var vector = _vector.AsSpan(0, features.Dimension);
        features.CopyPatch(patch, vector);
        foreach (var value in vector)
        {
            if (!float.IsFinite(value))
                throw new LearnException($"{path}: the encoder gives {value} at patch {patch} of branch {branch}; a bank must be finite");
        }

        try
        {
            Add(branch, image, source ?? patch, vector);
        }
        catch (OverflowException e)
        {
            throw new LearnException($"{path}: patch {patch} of branch {branch} cannot be stored: {e.Message}");
        }
    }

    /// <summary>Appends a row that is already stored in this precision.</summary>
    public void Add(int branch, int image, int patch, BankRows rows, int row) => GetOrBegin(branch, rows.Dimension).Add(image, patch, rows, row);

    /// <summary>Ends the adding of rows, and finds the axes of each branch where none are given.</summary>
    /// <param name="projections">The projection of each branch, or null to find them from the rows.</param>
    public void Seal(int seed, IReadOnlyList<Projection>? projections = null)
    {
        for (var b = 0; b < _branches.Count; b++)
            _branches[b].Seal(seed + b, projections?[b]);
    }

    /// <summary>Ends the adding of rows to a branch, and returns them.</summary>
    public BankRows Rows(int branch) => _branches[branch].Rows();

    /// <summary>Returns the search over the rows of a sealed branch.</summary>
    public ExactSearch Search(int branch) => _branches[branch].Search;

    /// <summary>Keeps these branches alone, in rising order, which are numbered anew.</summary>
    public void Keep(IReadOnlyList<int> branches)
    {
        for (var b = _branches.Count - 1; b >= 0; b--)
        {
            if (branches.Contains(b))
                continue;
            _branches[b].Dispose();
            _branches.RemoveAt(b);
        }
    }

    /// <summary>Returns the image number and the patch number of each row of a branch, [N, 2].</summary>
    public IReadOnlyList<int> Sources(int branch) => _branches[branch].Sources;

    /// <summary>Returns the rows of a branch that are made of images <paramref name="first"/> up to, not including, <paramref name="end"/>.</summary>
    public RowRange RowsOf(int branch, int first, int end) => new(_branches[branch].FirstRow(first), _branches[branch].FirstRow(end));

    /// <param name="whitenings">The whitening of each branch; null where there are none.</param>
    public IReadOnlyList<BankBranch> ToBranches(IEnumerable<string> names, IReadOnlyList<PartialWhitening?>? whitenings) =>
        [.. names.Select((name, b) => new BankBranch(name, _branches[b].Search, [.. _branches[b].Sources], whitenings?[b]))];

    public void Dispose()
    {
        foreach (var branch in _branches)
            branch.Dispose();
    }

    private Branch GetOrBegin(int branch, int dimension)
    {
        if (branch == _branches.Count)
            _branches.Add(new Branch(_folder, dimension, _precision));
        return _branches[branch];
    }

    private sealed unsafe class Branch : IDisposable
    {
        private readonly FileStream _file;
        private readonly int _dimension;
        private readonly RowPrecision _precision;
        private readonly byte[] _row;
        private readonly List<float> _scales = [];
        private readonly List<int> _sources = [];
        private MemoryMappedFile? _mapped;
        private MemoryMappedViewAccessor? _view;
        private byte* _start;
        private GCHandle _pinned;
        private ExactSearch? _search;

        public Branch(string folder, int dimension, RowPrecision precision)
        {
            var path = Path.Combine(folder, $".rows.{Guid.NewGuid():N}.tmp");
            _file = UserFiles.Open(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 20);
            UserFiles.Delete(path); // the open file has no name any more, so nothing stays behind if the process is killed
            (_dimension, _precision) = (dimension, precision);
            _row = new byte[dimension * precision.Bytes()];
        }

        public ExactSearch Search => _search ?? throw new InvalidOperationException("not sealed");

        public IReadOnlyList<int> Sources => _sources;

        public void Add(int image, int patch, ReadOnlySpan<float> row)
        {
            var scale = _precision.Encode(row, _row);
            Add(image, patch, _row, scale);
        }

        public void Add(int image, int patch, BankRows rows, int row) =>
            Add(image, patch, rows.Stored(row), rows.Scales == null ? 1 : rows.Scales[row]);

        public BankRows Rows()
        {
            if (_view is null)
            {
                _file.Flush();
                _mapped = MemoryMappedFile.CreateFromFile(_file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
                _view = _mapped.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
                _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
                _pinned = GCHandle.Alloc(_scales.ToArray(), GCHandleType.Pinned);
            }

            var scales = _precision == RowPrecision.Int8 ? (float*)_pinned.AddrOfPinnedObject() : null;
            return new BankRows(_start, scales, _precision, _sources.Count / 2, _dimension);
        }

        public void Seal(int seed, Projection? projection) =>
            _search = projection is null ? ExactSearch.Over(Rows(), [.. _sources.Where((_, i) => i % 2 == 0)], seed) : ExactSearch.Over(Rows(), projection);

        /// <summary>Returns the first row that is made of <paramref name="image"/> or a later one.</summary>
        public int FirstRow(int image)
        {
            var (low, high) = (0, _sources.Count / 2);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _sources[2 * middle] < image ? (middle + 1, high) : (low, middle);
            }

            return low;
        }

        public void Dispose()
        {
            _search?.Dispose();
            if (_pinned.IsAllocated)
                _pinned.Free();
            _view?.SafeMemoryMappedViewHandle.ReleasePointer();
            _view?.Dispose();
            _mapped?.Dispose();
            _file.Dispose();
        }

        private void Add(int image, int patch, ReadOnlySpan<byte> stored, float scale)
        {
            _file.Write(stored);
            _scales.Add(scale);
            _sources.Add(image);
            _sources.Add(patch);
        }
    }
}
