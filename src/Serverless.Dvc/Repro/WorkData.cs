using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Files;
using Serverless.Data.Locks;
using Serverless.Data.Outputs;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;
using Serverless.Data.Values;
using Serverless.Storage.Content;

namespace Serverless.Dvc.Repro;

/// <summary>Reads the content of work tree files and stores it in the cache.</summary>
internal sealed class WorkData(Repository repository)
{
    private readonly ContentReader reader = new(repository);
    private readonly Checkout checkout = new(repository);

    public Repository Repository => repository;

    public RunCache Runs { get; } = new(repository.Cache.Folder);

    public static bool Exists(string path) => FileStat.Of(path) is not null;

    /// <summary>Reads a path. Returns null if nothing exists there.</summary>
    public ContentRef? Read(string path, HashKind kind = HashKind.Md5) => reader.Read(path, kind)?.Reference;

    /// <summary>Reads a path and stores its content in the cache.</summary>
    public ContentRef? Save(string path) => reader.Save(path)?.Reference;

    /// <summary>Returns true if the path has the recorded content.</summary>
    public bool IsAsRecorded(string path, OutputEntry? recorded) =>
        recorded?.Digest is { } digest && Read(path, recorded.Kind)?.Digest == digest;

    /// <summary>Returns true if the content is in the cache; for a folder, every file.</summary>
    public bool IsCached(OutputEntry? recorded) => recorded?.Digest is { } digest && IsCached(digest, recorded.Kind);

    public bool IsCached(string digest, HashKind kind)
    {
        if (!repository.Cache.Contains(digest, kind))
        {
            return false;
        }

        if (!digest.EndsWith(ContentRef.DirectorySuffix, StringComparison.Ordinal))
        {
            return true;
        }

        try
        {
            return repository.Cache.OpenListing(digest, kind).Files.All(f => repository.Cache.Contains(f.Digest.ToString(), kind));
        }
        catch (ServerlessException)
        {
            return false;
        }
    }

    /// <summary>Restores the recorded content over whatever exists.</summary>
    public void CheckOut(OutputEntry recorded, string path) => checkout.Restore(recorded.Content!, recorded.Kind, path, force: true);

    /// <summary>Replaces files that were just saved by links of the configured kind.</summary>
    public void Relink(ContentRef content, string path)
    {
        // A copy already exists there.
        if (repository.Cache.Links[0] is LinkKind.Hardlink or LinkKind.Symlink)
        {
            checkout.Restore(content, HashKind.Md5, path, force: true, relink: true);
        }
    }

    public static void Remove(string path)
    {
        switch (FileStat.Of(path, follow: false))
        {
            case { IsDirectory: true }:
                Directory.Delete(path, recursive: true);
                break;
            case not null:
                File.Delete(path);
                break;
        }
    }

    /// <summary>Returns the entry for the lock. A DVC 2 entry is kept as long as its content is unchanged.</summary>
    public static OutputEntry EntryOf(string path, ContentRef content, OutputEntry? recorded, ContentRef? legacy) =>
        recorded is { Kind: HashKind.Md5Dos2Unix, Digest: { } digest } && legacy?.Digest == digest
            ? new OutputEntry(OutputEntry.NewLocked(path, legacy).Source.With("hash", null))
            : OutputEntry.NewLocked(path, content);
}
