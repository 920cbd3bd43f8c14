using System.Text;
using System.Text.RegularExpressions;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Data.Datasets;

/// <summary>
/// What the platform's own records use of the workspace's content. Any digest that any record names counts, whatever the record is:
/// a kind of record that is added later keeps its content without anybody having to think of it here.
/// </summary>
public static partial class PlatformUse
{
    /// <returns>Digests, and which record names each.</returns>
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
                // Another workspace's name may begin like this one's.
                if (
                    row.PartitionKey != store.Workspace
                    && !row.PartitionKey.StartsWith(store.Workspace + Keys.Separator, StringComparison.Ordinal)
                )
                {
                    continue;
                }

                // A digest may lie across two parts of a record.
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
