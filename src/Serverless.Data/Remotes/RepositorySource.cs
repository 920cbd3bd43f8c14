using Serverless.Core;
using Serverless.Data.Pointers;
using Serverless.Data.Values;

namespace Serverless.Data.Remotes;

/// <summary>Where `dvc import` took an output from: a path of another repository, at the commit that the pointer locks.</summary>
/// <param name="Url">A folder of this machine or the address of a git repository.</param>
/// <param name="Revision">The locked commit, else the branch or tag that was asked for; null for the newest.</param>
/// <param name="Remote">The remote of that repository which has the data; null for its default one.</param>
public sealed record RepositorySource(string Url, string? Revision, string Path, string? Remote)
{
    /// <summary>Null if the pointer is of something else.</summary>
    internal static RepositorySource? Of(PointerFile pointer)
    {
        if (pointer.Dependencies[0].Source["repo"] is not DataMap repo || repo["url"]?.AsText is not { Length: > 0 } url)
        {
            return null;
        }

        if (repo["config"] is not null || repo["remote"] is DataMap)
        {
            throw ServerlessException.Invalid(
                $"'{pointer.Name}' was imported with settings of its own for the other repository: that is not done here.",
                "Name a remote of that repository instead: `remote: NAME`."
            );
        }

        // A folder is meant from where the repository is, as DVC keeps it.
        var isAddress = url.Contains("://", StringComparison.Ordinal) || url.Contains('@', StringComparison.Ordinal);
        return new RepositorySource(
            isAddress ? url : System.IO.Path.GetFullPath(url, pointer.Folder),
            repo["rev_lock"]?.AsText ?? repo["rev"]?.AsText,
            pointer.Dependencies[0].Path.Trim('/'),
            repo["remote"]?.AsText
        );
    }
}
