using Serverless.Data.Files;
using Serverless.Data.Outputs;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;
using Serverless.Data.Values;

namespace Serverless.Data.Operations;

/// <summary>Compares the workspace with what the pointers recorded, in the format of DVC's `status --json`: `{"data.dvc": [{"changed
/// outs": {"data": "modified"}}]}`. Empty if nothing changed.</summary>
public sealed class StatusOperation(Repository repository)
{
    private readonly ContentReader reader = new(repository);

    /// <summary>Returns the state of the pointers, and of the outputs and dependencies in the lock files of stages.</summary>
    public DataMap Run(
        RepositoryIndex index,
        IReadOnlyList<string> targets,
        bool recursive = false,
        CancellationToken cancellationToken = default
    )
    {
        var owners = index.Select(targets, recursive).Select(s => s.Output.Pointer).OfType<PointerFile>().Distinct();
        return DataValues.Map([.. owners.Select(p => (p.Name, (DataNode?)Pointer(p, cancellationToken)))]);
    }

    /// <summary>Returns `deleted`, `modified`, `new` or `not in cache`; null if the output is as recorded.</summary>
    public string? Of(OutputEntry entry, string path, CancellationToken cancellationToken = default)
    {
        var now = reader.Read(path, entry.Kind, cancellationToken);
        if (entry.Content is { } recorded && entry.IsCached && !IsInCache(recorded.Digest, entry.Kind, now?.Listing))
        {
            return "not in cache";
        }

        return now is null ? "deleted"
            : entry.Digest is null ? "new"
            : now.Reference.Digest != entry.Digest ? "modified"
            : null;
    }

    private DataList? Pointer(PointerFile pointer, CancellationToken cancellationToken)
    {
        var changes = new List<DataNode>();
        var deps = pointer.IsFrozen
            ? []
            : pointer
                .Dependencies.Where(d => d.Source["repo"] is null && !d.Path.Contains("://", StringComparison.Ordinal))
                .Select(d => (d.Path, State(Dependency(pointer, d, cancellationToken))))
                .Where(d => d.Item2 is not null)
                .ToList();
        if (deps.Count > 0)
        {
            changes.Add(DataValues.Map(("changed deps", DataValues.Map([.. deps]))));
        }

        var outs = pointer
            .Outputs.Select(o => (Path: Name(pointer.PathOf(o)), State: State(Of(o, pointer.PathOf(o), cancellationToken))))
            .Where(o => o.State is not null)
            .ToList();
        if (outs.Count > 0)
        {
            changes.Add(DataValues.Map(("changed outs", DataValues.Map([.. outs]))));
        }

        if (pointer.Document["md5"]?.AsText is { } digest && digest != PointerDigest.Of(pointer.Document))
        {
            changes.Add(DataScalar.Text("changed checksum"));
        }

        return changes.Count == 0 ? null : new DataList(changes);
    }

    private string? Dependency(PointerFile pointer, OutputEntry dependency, CancellationToken cancellationToken)
    {
        var now = reader.Read(pointer.PathOf(dependency), dependency.Kind, cancellationToken);
        return now is null ? "deleted"
            : now.Reference.Digest == dependency.Digest ? null
            : pointer.IsImport ? "update available"
            : "modified";
    }

    private bool IsInCache(string digest, HashKind kind, DirectoryListing? now)
    {
        if (!repository.Cache.Contains(digest, kind))
        {
            return false;
        }

        if (!digest.EndsWith(Storage.Content.ContentRef.DirectorySuffix, StringComparison.Ordinal))
        {
            return true;
        }

        var listing = now?.Digest == digest ? now : repository.Cache.OpenListing(digest, kind);
        return listing.Files.All(f => repository.Cache.Contains(f.Digest.ToString(), kind));
    }

    private static DataScalar? State(string? state) => state is null ? null : DataScalar.Text(state);

    private static string Name(string path) => Path.GetRelativePath(Environment.CurrentDirectory, path).Replace('\\', '/');
}
