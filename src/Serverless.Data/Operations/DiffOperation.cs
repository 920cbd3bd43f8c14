using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Git;
using Serverless.Data.Outputs;
using Serverless.Data.Repositories;
using Serverless.Data.Values;

namespace Serverless.Data.Operations;

/// <summary>Compares two commits, or a commit and the workspace, in the format of DVC's `diff --json --show-hash`.</summary>
public sealed class DiffOperation(Repository repository)
{
    /// <returns>An empty map if there are no differences. Otherwise lists under `added`, `deleted`, `modified`, `renamed` and, in a
    /// comparison with the workspace, `not in cache`.</returns>
    public DataMap Run(
        string from = "HEAD",
        string? to = null,
        IReadOnlyList<string>? targets = null,
        CancellationToken cancellationToken = default
    )
    {
        if (repository.GitRoot is not { } root || !new GitTool(root).HasCommits)
        {
            return repository.GitRoot is null
                ? throw ServerlessException.Invalid("only supported for Git repositories", "This repository was created with --no-scm.")
                : DataMap.Empty;
        }

        var reader = new ContentReader(repository);
        var old = new Snapshot(repository);
        old.AddRecorded(RevisionOutputs.At(repository, from));
        var now = new Snapshot(repository);
        if (to is not null)
        {
            now.AddRecorded(RevisionOutputs.At(repository, to));
        }
        else
        {
            now.AddWorkspace(RepositoryIndex.Load(repository, cancellationToken).Outputs, reader, cancellationToken);
        }

        var wanted = (targets ?? []).Select(t => repository.Relative(Path.GetFullPath(t))).ToList();
        foreach (var target in wanted.Where(t => !old.Names(t) && !now.Names(t)))
        {
            throw ServerlessException.NotFound($"[Errno 2] No such file or directory: '{target}'");
        }

        return Compare(
            old,
            now,
            path => wanted.Count == 0 || wanted.Exists(t => path == t || path.StartsWith(t + "/", StringComparison.Ordinal)),
            to is null
        );
    }

    private DataMap Compare(Snapshot old, Snapshot now, Func<string, bool> isWanted, bool withMissing)
    {
        var (added, deleted, modified, renamed, missing) = (
            new List<Item>(),
            new List<Item>(),
            new List<DataNode>(),
            new List<DataNode>(),
            new List<DataNode>()
        );
        foreach (var path in old.Items.Keys.Union(now.Items.Keys).Where(isWanted).Order(CodePointOrder.Instance))
        {
            var (before, after) = (old.Items.GetValueOrDefault(path), now.Items.GetValueOrDefault(path));
            if (before is null)
            {
                if (!old.IsUnknown(path))
                {
                    added.Add(after!);
                }
            }
            else if (after is null)
            {
                if (!now.IsUnknown(path))
                {
                    deleted.Add(before);
                }
            }
            else if (before.Digest != after.Digest || before.IsFolder != after.IsFolder)
            {
                modified.Add(
                    DataValues.Map(
                        ("path", Text(before.Shown)),
                        ("hash", DataValues.Map(("old", Text(before.Digest)), ("new", Text(after.Digest))))
                    )
                );
            }

            if (withMissing && before is not null && !repository.Cache.Contains(before.Digest, before.Kind))
            {
                missing.Add(Plain(before));
            }
        }

        // Content removed under one name and added under another was renamed.
        var gone = deleted.GroupBy(d => d.Digest).ToDictionary(g => g.Key, g => new Queue<Item>(g), StringComparer.Ordinal);
        foreach (var item in added.ToList())
        {
            if (gone.TryGetValue(item.Digest, out var queue) && queue.TryDequeue(out var source))
            {
                renamed.Add(
                    DataValues.Map(
                        ("path", DataValues.Map(("old", Text(source.Shown)), ("new", Text(item.Shown)))),
                        ("hash", Text(item.Digest))
                    )
                );
                added.Remove(item);
                deleted.Remove(source);
            }
        }

        return added.Count + deleted.Count + modified.Count + renamed.Count + missing.Count == 0
            ? DataMap.Empty
            : DataValues.Map(
                ("added", new DataList([.. added.Select(Plain)])),
                ("deleted", new DataList([.. deleted.Select(Plain)])),
                ("modified", new DataList(modified)),
                ("renamed", new DataList(renamed)),
                ("not in cache", new DataList(missing))
            );
    }

    private static DataMap Plain(Item item) => DataValues.Map(("path", Text(item.Shown)), ("hash", Text(item.Digest)));

    private static DataScalar Text(string text) => DataScalar.Text(text);

    private sealed record Item(string Path, string Digest, bool IsFolder, HashKind Kind)
    {
        public string Shown => IsFolder ? Path + "/" : Path;
    }

    /// <summary>Returns every file and folder by path. If a folder's listing is not in the cache, only the folder is known.</summary>
    private sealed class Snapshot(Repository repository)
    {
        private readonly List<string> unknown = [];

        public Dictionary<string, Item> Items { get; } = new(StringComparer.Ordinal);

        public bool IsUnknown(string path) => unknown.Exists(u => path.StartsWith(u, StringComparison.Ordinal));

        public bool Names(string path) =>
            Items.ContainsKey(path) || Items.Keys.Any(k => k.StartsWith(path + "/", StringComparison.Ordinal));

        public void AddRecorded(IEnumerable<TrackedOutput> outputs)
        {
            foreach (var output in outputs.Where(o => o.Entry is { IsCached: true, Digest: not null }))
            {
                var listing =
                    !output.Entry.IsDirectory ? null
                    : repository.Cache.Contains(output.Entry.Digest!, output.Entry.Kind)
                        ? repository.Cache.OpenListing(output.Entry.Digest!, output.Entry.Kind)
                    : null;
                Add(output, output.Entry.Digest!, output.Entry.IsDirectory, listing);
            }
        }

        public void AddWorkspace(IEnumerable<TrackedOutput> outputs, ContentReader reader, CancellationToken cancellationToken)
        {
            foreach (var output in outputs.Where(o => o.Entry.IsCached))
            {
                if (reader.Read(output.Path, output.Entry.Kind, cancellationToken) is { } content)
                {
                    Add(output, content.Reference.Digest, content.Reference.IsDirectory, content.Listing);
                }
            }
        }

        private void Add(TrackedOutput output, string digest, bool isFolder, DirectoryListing? listing)
        {
            var path = repository.Relative(output.Path);
            Items[path] = new Item(path, digest, isFolder, output.Entry.Kind);
            if (isFolder && listing is null)
            {
                unknown.Add(path + "/");
            }

            foreach (var file in listing?.Files ?? [])
            {
                Items[$"{path}/{file.Path}"] = new Item($"{path}/{file.Path}", file.Digest.ToString(), false, output.Entry.Kind);
            }
        }
    }
}
