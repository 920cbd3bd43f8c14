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

/// <summary>What the files of a work tree hold, and the cache that keeps it.</summary>
internal sealed class WorkData(Repository repository)
{
    private readonly ContentReader reader = new(repository);
    private readonly Checkout checkout = new(repository);

    public Repository Repository => repository;

    public RunCache Runs { get; } = new(repository.Cache.Folder);

    public static bool Exists(string path) => FileStat.Of(path) is not null;

    /// <summary>Null if there is nothing at the path.</summary>
    public ContentRef? Read(string path, HashKind kind = HashKind.Md5) => reader.Read(path, kind)?.Reference;

    /// <summary>Reads it and puts it into the cache.</summary>
    public ContentRef? Save(string path) => reader.Save(path)?.Reference;

    /// <summary>True if the path holds what was recorded.</summary>
    public bool IsAsRecorded(string path, OutputEntry? recorded) =>
        recorded?.Digest is { } digest && Read(path, recorded.Kind)?.Digest == digest;

    /// <summary>True if the cache has it, of a folder every file.</summary>
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

    /// <summary>Lays down what was recorded, over whatever is there.</summary>
    public void CheckOut(OutputEntry recorded, string path) => checkout.Restore(recorded.Content!, recorded.Kind, path, force: true);

    /// <summary>Puts links of the configured kind where the files are that were just saved.</summary>
    public void Relink(ContentRef content, string path)
    {
        // A copy is what lies there already.
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

    /// <summary>The entry that the lock gets: one of DVC 2 stays one as long as its content does.</summary>
    public static OutputEntry EntryOf(string path, ContentRef content, OutputEntry? recorded, ContentRef? legacy) =>
        recorded is { Kind: HashKind.Md5Dos2Unix, Digest: { } digest } && legacy?.Digest == digest
            ? new OutputEntry(OutputEntry.NewLocked(path, legacy).Source.With("hash", null))
            : OutputEntry.NewLocked(path, content);
}
