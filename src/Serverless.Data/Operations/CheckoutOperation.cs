using Serverless.Core;
using Serverless.Data.Outputs;
using Serverless.Data.Repositories;

namespace Serverless.Data.Operations;

/// <summary>The result of a checkout: names of outputs (a folder's ends in `/`), and counts of files.</summary>
public sealed record CheckoutReport
{
    public List<string> Modified { get; } = [];

    public List<string> Added { get; } = [];

    public List<string> Deleted { get; } = [];

    /// <summary>Gets the outputs whose content is not in the cache.</summary>
    public List<string> Failed { get; } = [];

    public int FilesModified { get; set; }

    public int FilesAdded { get; set; }

    public int FilesDeleted { get; set; }
}

/// <summary>Makes the workspace match the pointers and lock files.</summary>
public sealed class CheckoutOperation(Repository repository)
{
    private readonly Checkout checkout = new(repository);

    public CheckoutReport Run(
        IReadOnlyList<string> targets,
        bool force = false,
        bool relink = false,
        bool recursive = false,
        CancellationToken cancellationToken = default
    )
    {
        var index = RepositoryIndex.Load(repository, cancellationToken);
        var report = new CheckoutReport();
        if (targets.Count == 0)
        {
            report.Deleted.AddRange(CheckedOut.RemoveUnused(index, cancellationToken));
            report.FilesDeleted = report.Deleted.Count;
        }

        var laid = new List<string>();
        foreach (var (output, inside) in index.Select(targets, recursive))
        {
            if (output.Entry is not { IsCached: true, Content: { } content })
            {
                continue;
            }

            try
            {
                var result = inside is null
                    ? checkout.Restore(content, output.Entry.Kind, output.Path, force, relink, cancellationToken)
                    : checkout.RestorePart(content, output.Entry.Kind, output.Path, inside, force, cancellationToken);
                Count(report, result, output.Name + (content.IsDirectory ? "/" : ""));
                laid.Add(output.Path);
            }
            catch (ServerlessException e) when (e.Code == ErrorCodes.ResourceDoesNotExist)
            {
                report.Failed.Add(output.Name);
            }
        }

        CheckedOut.Remember(repository, laid);
        return report;
    }

    private static void Count(CheckoutReport report, CheckoutResult result, string name)
    {
        if (result.IsNone)
        {
            return;
        }

        report.FilesAdded += result.IsNew ? result.FileCount : result.Added.Count;
        report.FilesModified += result.Modified.Count;
        report.FilesDeleted += result.Deleted.Count;
        (result.IsNew ? report.Added : report.Modified).Add(name);
    }
}
