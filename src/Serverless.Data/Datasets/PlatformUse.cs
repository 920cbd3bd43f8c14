using System.Text;
using System.Text.RegularExpressions;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Data.Datasets;

/// <summary>
/// Collects the content of the workspace that the platform's own records use. Any digest in any record counts, whatever its kind, so a new
/// kind of record protects its content without changes here.
/// </summary>
public static partial class PlatformUse
{
    /// <returns>The digests, each with the record that contains it.</returns>
    public static async Task<Dictionary<string, string>> CollectAsync(Store store, CancellationToken cancellationToken = default)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (
            var (table, what) in ((Table, string)[])
                [
                    (store.Runs, "a run"),
                    (store.Models, "a model"),
                    (store.Datasets, "a dataset"),
                    (store.Index, "an index"),
                    (store.Policies, "a training policy"),
                    (store.Serving, "a served model"),
                ]
        )
        {
            await foreach (var row in table.ScanAsync(store.Workspace, cancellationToken))
            {
                // The name of another workspace may begin with this one's.
                if (
                    row.PartitionKey != store.Workspace
                    && !row.PartitionKey.StartsWith(store.Workspace + Keys.Separator, StringComparison.Ordinal)
                )
                {
                    continue;
                }

                // A digest may span two parts of a record.
                var text = string.Concat(row.Parts().Select(Encoding.Latin1.GetString));
                foreach (var match in Digest().EnumerateMatches(text))
                {
                    found.TryAdd(text.Substring(match.Index, match.Length), $"{what} ({row.RowKey})");
                }
            }
        }

        return found;
    }

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{32}(\\.dir)?(?![0-9a-f])", RegexOptions.CultureInvariant)]
    private static partial Regex Digest();
}
