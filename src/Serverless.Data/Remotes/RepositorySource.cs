using Serverless.Core;
using Serverless.Data.Pointers;
using Serverless.Data.Values;

namespace Serverless.Data.Remotes;

/// <summary>The source of an output of `dvc import`: a path in another repository, at the commit that the pointer locks.</summary>
/// <param name="Url">A local folder or the URL of a git repository.</param>
/// <param name="Revision">The locked commit, otherwise the requested branch or tag; null for the newest.</param>
/// <param name="Remote">The remote of that repository with the data; null for its default.</param>
public sealed record RepositorySource(string Url, string? Revision, string Path, string? Remote)
{
    /// <summary>Reads the source. Returns null if the pointer is of another kind.</summary>
    internal static RepositorySource? Of(PointerFile pointer)
    {
        if (pointer.Dependencies[0].Source["repo"] is not DataMap repo || repo["url"]?.AsText is not { Length: > 0 } url)
        {
            return null;
        }

        if (repo["config"] is not null || repo["remote"] is DataMap)
        {
            throw ServerlessException.Invalid(
                $"'{pointer.Name}' was imported with custom settings for the other repository, which is not supported.",
                "Specify a remote of that repository instead: `remote: NAME`."
            );
        }

        // As in DVC, a folder is relative to the repository.
        var isAddress = url.Contains("://", StringComparison.Ordinal) || url.Contains('@', StringComparison.Ordinal);
        return new RepositorySource(
            isAddress ? url : System.IO.Path.GetFullPath(url, pointer.Folder),
            repo["rev_lock"]?.AsText ?? repo["rev"]?.AsText,
            pointer.Dependencies[0].Path.Trim('/'),
            repo["remote"]?.AsText
        );
    }
}
