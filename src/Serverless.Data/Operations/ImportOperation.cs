using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Git;
using Serverless.Data.Outputs;
using Serverless.Data.Pointers;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;
using Serverless.Data.Values;

namespace Serverless.Data.Operations;

/// <param name="NoDownload">Records the source without downloading anything.</param>
public sealed record ImportOptions(bool Force = false, bool NoDownload = false, string? Description = null);

/// <summary>Imports data from a path or a URL and records its source: the pointer has a dependency, which `update` checks again.</summary>
public sealed class ImportOperation(Repository repository)
{
    /// <returns>The files to add to git.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(
        string url,
        string? output,
        ImportOptions options,
        CancellationToken cancellationToken = default
    )
    {
        var source = SourceOf(url, Environment.CurrentDirectory);
        var target = Path.GetFullPath(Directory.Exists(output) ? Path.Combine(output, source.Name) : output ?? source.Name);
        if (!repository.Contains(target))
        {
            throw ServerlessException.Invalid($"'{output}' is outside the repository.");
        }

        var shown = Path.GetRelativePath(Environment.CurrentDirectory, target);
        if (Path.Exists(target) && !options.Force)
        {
            throw ServerlessException.Conflict($"The file '{shown}' already exists locally.", "To override it, re-run with '--force'.");
        }

        var index = RepositoryIndex.Load(repository, cancellationToken);
        var pointerPath = target + PointerFile.Extension;
        if (index.Around(target) is { } around && around.Pointer?.Path != pointerPath)
        {
            throw ServerlessException.Conflict($"'{shown}' overlaps with '{around.Name}', which '{around.Owner}' tracks.");
        }

        var pointer = File.Exists(pointerPath)
            ? PointerFile.Load(repository, pointerPath)
            : PointerFile.New(repository, pointerPath, DataMap.Empty);
        var path = source.IsInRepository(repository)
            ? Path.GetRelativePath(Path.GetDirectoryName(pointerPath)!, source.Location).Replace('\\', '/')
            : source.Location;
        var dependency = DataValues.Map(("path", DataScalar.Text(path)));
        var entry = OutputEntry.New(Path.GetFileName(target), null);
        if (!options.NoDownload)
        {
            (dependency, entry) = await FetchAsync(source, dependency, entry, target, cancellationToken);
        }

        var document = DataValues.Map(
            ("desc", options.Description is { } text ? DataScalar.Text(text) : null),
            ("frozen", DataScalar.Bool(true)),
            ("deps", new DataList([dependency])),
            ("outs", new DataList([entry.Source]))
        );
        var changed = new List<string>(GitIgnore.Add(repository, [target])) { pointerPath };
        pointer.Save(PointerDigest.Renew(document));
        CheckedOut.Remember(repository, [target]);
        return changed;
    }

    /// <summary>Downloads imports again if their source changed. Returns the changed pointers.</summary>
    public async Task<IReadOnlyList<string>> UpdateAsync(
        IReadOnlyList<string> targets,
        bool recursive = false,
        bool force = false,
        CancellationToken cancellationToken = default
    )
    {
        var index = RepositoryIndex.Load(repository, cancellationToken);
        var pointers = index.Select(targets, recursive).Select(s => s.Output.Pointer).OfType<PointerFile>().Distinct().ToList();
        if (targets.Count > 0 && pointers.Find(p => !p.IsImport) is { } other)
        {
            throw ServerlessException.Invalid(
                $"update is not supported for '{other.Name}': it was not imported.",
                "Record its changes with `mlops add`."
            );
        }

        var changed = new List<string>();
        foreach (var pointer in pointers.Where(p => p.IsImport))
        {
            var dependency = pointer.Dependencies[0];
            if (dependency.Source["repo"] is not null)
            {
                throw ServerlessException.Invalid(
                    $"'{pointer.Name}' was imported from another repository, which `mlops update` does not support.",
                    "Run `dvc update`."
                );
            }

            var source = SourceOf(dependency.Path, pointer.Folder);
            var target = pointer.PathOf(pointer.Outputs[0]);
            var now = await source.FingerprintAsync(repository, cancellationToken);
            // A server that returns no digest may have changed anything; only a download shows it.
            var same =
                (now.Contains("md5") || now.Contains("etag") || now.Contains("checksum"))
                && now.Entries.All(e => DataValues.Same(e.Value, dependency.Source[e.Key.AsText!]));
            if (same && !force && Path.Exists(target) && pointer.Outputs[0].Digest is not null)
            {
                continue;
            }

            var (updated, entry) = await FetchAsync(source, dependency.Source, pointer.Outputs[0], target, cancellationToken);
            var document = pointer.Document.With("deps", new DataList([updated])).With("outs", new DataList([entry.Source]));
            pointer.Save(PointerDigest.Renew(document));
            changed.AddRange([.. GitIgnore.Add(repository, [target]), pointer.Path]);
        }

        return changed;
    }

    private async Task<(DataMap Dependency, OutputEntry Entry)> FetchAsync(
        ImportSource source,
        DataMap dependency,
        OutputEntry entry,
        string target,
        CancellationToken cancellationToken
    )
    {
        // Read before the download: if the source changes meanwhile, the next update downloads it again.
        var fingerprint = await source.FingerprintAsync(repository, cancellationToken);
        await source.FetchAsync(target, cancellationToken);
        var content = new ContentReader(repository).Save(target, cancellationToken) ?? throw FolderScan.Changed(target);
        var kept = dependency.Entries.Where(e =>
            e.Key.AsText is not ("md5" or "etag" or "checksum" or "size" or "nfiles" or "isexec" or "hash")
        );
        return (
            new DataMap([.. fingerprint.Entries, new DataEntry(DataScalar.Text("hash"), DataScalar.Text("md5")), .. kept]),
            entry.With(content.Reference)
        );
    }

    private ImportSource SourceOf(string url, string folder)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal) is > 0 and var at ? url[..at].ToLowerInvariant() : null;
        switch (scheme)
        {
            case "azure" or "remote":
                var (container, name) = RemoteFactory.Blob(repository.Config, url);
                return new AzureImportSource(url, container, name);
            case null:
                return new FileImportSource(Path.GetFullPath(url, folder));
            case "file":
                return new FileImportSource(new Uri(url).LocalPath);
            case "http" or "https":
                return new HttpImportSource(url);
            default:
                throw ServerlessException.Invalid(
                    $"Importing from '{scheme}://' is not supported.",
                    "Import from a path, or from an http, https or azure URL."
                );
        }
    }
}
