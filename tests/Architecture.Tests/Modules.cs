using System.Text;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace MrfAd.Architecture.Tests;

/// <summary>The modules of one assembly (its namespaces) and which of them uses which, as compiled.</summary>
internal sealed class Modules
{
    private readonly Dictionary<(string User, string Used), SortedSet<string>> _uses = [];

    private Modules(string root) => Root = root;

    /// <summary>The assembly's root namespace.</summary>
    public string Root { get; }

    /// <summary>Reads a compiled assembly.</summary>
    /// <param name="root">Its root namespace; each namespace below is a module.</param>
    public static Modules Read(System.Reflection.Assembly assembly, string root)
    {
        var modules = new Modules(root);
        foreach (var type in new ArchLoader().LoadAssembly(assembly).Build().Types)
        {
            foreach (var dependency in type.Dependencies)
                modules.Add(type, dependency.Target);
        }

        return modules;
    }

    /// <summary>The names of all modules that use another or are used, without the root namespace.</summary>
    public IReadOnlyCollection<string> Names => [.. _uses.Keys.SelectMany(u => (string[])[u.User, u.Used]).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Every use of a module by one that stands before it in <paramref name="flow"/>, as "user → used: types".</summary>
    public IEnumerable<string> Against(IReadOnlyList<string> flow) =>
        from use in _uses
        let at = flow.ToList()
        where at.IndexOf(use.Key.User) < at.IndexOf(use.Key.Used)
        select $"{use.Key.User} → {use.Key.Used}: {string.Join(", ", use.Value)}";

    /// <summary>A row for each module, with a mark in the column of each that it uses.</summary>
    public string Matrix(IReadOnlyList<string> flow)
    {
        var text = new StringBuilder();
        for (var row = 0; row < flow.Count; row++)
        {
            var marks = string.Concat(Enumerable.Range(0, row).Select(column => _uses.ContainsKey((flow[row], flow[column])) ? " ■" : " ·"));
            text.AppendLine($"{row + 1,2} {flow[row],-17}{marks}".TrimEnd());
        }

        return text.ToString();
    }

    private void Add(IType user, IType used)
    {
        if (Name(user) is not { } from || Name(used) is not { } to || from == to)
            return;
        if (!_uses.TryGetValue((from, to), out var types))
            _uses[(from, to)] = types = [];
        types.Add($"{user.Name} uses {used.Name}");
    }

    private string? Name(IType type)
    {
        // Classes that are generated from .proto files belong to the module of the file.
        var space = (type.Namespace?.FullName ?? "").Replace(".Format", "", StringComparison.Ordinal);
        return space == Root ? "." : space.StartsWith(Root + ".", StringComparison.Ordinal) ? space[(Root.Length + 1)..] : null;
    }
}
