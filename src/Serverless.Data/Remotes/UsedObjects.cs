using Serverless.Data.Repositories;

namespace Serverless.Data.Remotes;

/// <summary>Selects outputs: of the workspace, and of additional commits.</summary>
public sealed record UsedSelection
{
    public IReadOnlyList<string> Targets { get; init; } = [];

    public bool Recursive { get; init; }

    public bool WithDependencies { get; init; }

    public bool Workspace { get; init; } = true;

    public bool AllBranches { get; init; }

    public bool AllTags { get; init; }

    public bool AllCommits { get; init; }

    public bool HasCommits => AllBranches || AllTags || AllCommits;
}

/// <summary>Content that an output records.</summary>
/// <param name="Name">The name of the output in messages, followed by the commit if there is one.</param>
/// <param name="Remote">The remote of this output, if it has its own.</param>
/// <param name="IsPushed">False for content that stays on this machine or comes from another repository.</param>
/// <param name="Inside">Restricts to this file or folder within the output.</param>
/// <param name="Import">The repository that it was imported from and is fetched from again.</param>
public sealed record UsedObject(
    ObjectId Id,
    string Name,
    string? Remote,
    bool IsPushed,
    string? Inside = null,
    RepositorySource? Import = null
);

/// <summary>Finds the content that a repository's pointers and lock files record, in the workspace and in its history.</summary>
public static class UsedObjects
{
    public static IReadOnlyList<UsedObject> Collect(
        Repository repository,
        UsedSelection selection,
        CancellationToken cancellationToken = default
    )
    {
        var found = new List<UsedObject>();
        if (selection.Workspace)
        {
            var index = RepositoryIndex.Load(repository, cancellationToken);
            var selected = index.Select(selection.Targets, selection.Recursive);
            found.AddRange(selected.Select(s => Of(s.Output, s.Inside)).OfType<UsedObject>());
            if (selection.WithDependencies && selection.Targets.Count > 0)
            {
                found.AddRange(StageDependencies.Of(index, selected.Select(s => s.Output)).Select(o => Of(o, null)).OfType<UsedObject>());
            }
        }

        if (selection.HasCommits)
        {
            found.AddRange(
                new CommittedOutputs(repository)
                    .List(selection, cancellationToken)
                    .Select(o => Of(o.Output, null) is { } used ? used with { Name = $"{used.Name} ({o.Commit[..8]})" } : null)
                    .OfType<UsedObject>()
            );
        }

        return [.. found.DistinctBy(f => (f.Id, f.Remote, f.Inside))];
    }

    private static UsedObject? Of(TrackedOutput output, string? inside)
    {
        if (output.Entry is not { IsCached: true, Digest: { } digest } entry || !ObjectId.TryParse(digest, entry.Kind, out var id))
        {
            return null;
        }

        var import = output.Pointer is { IsImport: true } pointer ? RepositorySource.Of(pointer) : null;
        return new UsedObject(
            id,
            output.Name,
            entry.Remote,
            entry.IsPushed && import is null,
            inside?.Replace(Path.DirectorySeparatorChar, '/'),
            import
        );
    }
}
