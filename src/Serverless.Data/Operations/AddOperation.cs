using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Files;
using Serverless.Data.Git;
using Serverless.Data.Ignore;
using Serverless.Data.Outputs;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;
using Serverless.Data.Values;

namespace Serverless.Data.Operations;

/// <param name="PointerPath">The pointer file to write instead of the one next to the target.</param>
/// <param name="Out">The path in the repository for a copy of a target outside it.</param>
/// <param name="NoCommit">Records the digests without storing content in the cache.</param>
public sealed record AddOptions(
    string? PointerPath = null,
    string? Out = null,
    string? Description = null,
    bool Glob = false,
    bool NoCommit = false,
    bool Force = false
);

/// <summary>
/// Puts files and folders under data version control: content into the cache, then out of git, then the pointer. A crash in between loses
/// nothing.
/// </summary>
public sealed class AddOperation(Repository repository)
{
    private readonly ContentReader reader = new(repository);
    private readonly AddTargets targets = new(repository);

    /// <returns>The files to add to git.</returns>
    public IReadOnlyList<string> Run(IReadOnlyList<string> names, AddOptions options, CancellationToken cancellationToken = default)
    {
        if (options.Out is not null)
        {
            names = [targets.CopyOf(names, options, cancellationToken)];
        }

        var index = RepositoryIndex.Load(repository, cancellationToken);
        var work = targets.Resolve(index, names, options);
        var done = new (OutputEntry? Entry, bool Saved)[work.Count];
        try
        {
            if (work.Count == 1)
            {
                done[0] = (Save(work[0], options, cancellationToken), true);
            }
            else
            {
                Parallel.For(
                    0,
                    work.Count,
                    new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
                    i => done[i] = (Save(work[i], options, cancellationToken), true)
                );
            }
        }
        catch (AggregateException several)
        {
            Write(work, done, options);
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(several.Flatten().InnerExceptions[0]);
        }

        return Write(work, done, options);
    }

    private OutputEntry Save(AddTarget target, AddOptions options, CancellationToken cancellationToken)
    {
        if (target.IsPart)
        {
            var update = new FolderUpdate(repository, reader);
            return target.Inside.Aggregate(target.Entry, (entry, inside) => update.Apply(entry, target.Path, inside, cancellationToken));
        }

        var content =
            (options.NoCommit ? reader.Read(target.Path, HashKind.Md5, cancellationToken) : reader.Save(target.Path, cancellationToken))
            ?? throw ServerlessException.NotFound($"output '{target.Name}' does not exist");
        RefuseIgnoreFiles(target, content);
        if (!options.NoCommit && repository.Cache.Links[0] is LinkKind.Hardlink or LinkKind.Symlink)
        {
            new Checkout(repository).Restore(
                content.Reference,
                HashKind.Md5,
                target.Path,
                relink: true,
                cancellationToken: cancellationToken
            );
        }

        return target.Entry.With(content.Reference);
    }

    /// <summary>As DVC: rules inside of tracked data would say which of it is tracked, and no command could read the folder any
    /// more.</summary>
    private static void RefuseIgnoreFiles(AddTarget target, WorkspaceContent content)
    {
        var rules = content.Listing?.Files.Select(f => f.Path).FirstOrDefault(p => Path.GetFileName(p) == IgnoreRules.FileName);
        if (rules is not null)
        {
            throw ServerlessException.Invalid(
                $"Cannot add '{target.Name}': '{target.Name}/{rules}' would decide what of it is tracked.",
                $"Move the rules into a {IgnoreRules.FileName} outside of '{target.Name}'."
            );
        }
    }

    private List<string> Write(IReadOnlyList<AddTarget> work, (OutputEntry? Entry, bool Saved)[] done, AddOptions options)
    {
        var saved = Enumerable.Range(0, work.Count).Where(i => done[i].Saved).ToList();
        var changed = new List<string>(GitIgnore.Add(repository, [.. saved.Where(i => !work[i].IsPart).Select(i => work[i].Path)]));
        foreach (var kept in saved.GroupBy(i => work[i].Pointer))
        {
            // A pointer may list several outputs: those that were not added are unchanged.
            var (pointer, entries) = (
                kept.Key,
                kept.ToDictionary(i => done[i].Entry!.Path, i => done[i].Entry!.Source, StringComparer.Ordinal)
            );
            var document = pointer.Document.With(
                "outs",
                new DataList([.. pointer.Outputs.Select(o => entries.GetValueOrDefault(o.Path, o.Source))])
            );
            document = options.Description is { } text ? document.With("desc", DataScalar.Text(text)) : document;
            pointer.Save(document["md5"] is null ? document : PointerDigest.Renew(document));
            changed.Add(pointer.Path);
        }

        CheckedOut.Remember(repository, saved.Select(i => work[i].Path));
        return changed;
    }
}
