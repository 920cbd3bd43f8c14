using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Storage;
using Serverless.Storage.Content;

namespace Serverless.Automation.Policies.Engine;

/// <summary>Determines the data that a run trains on.</summary>
internal sealed class RunOrders(Store store, DatasetStore datasets)
{
    public async Task<RunOrder> MakeAsync(
        LoadedPolicy policy,
        string runId,
        IReadOnlyList<string> events,
        string trigger,
        string why,
        DateTimeOffset now,
        IReadOnlyDictionary<string, string> parameters,
        string by,
        CancellationToken cancellationToken
    )
    {
        var sources = new Dictionary<string, ContentRef>();
        var learned = new Dictionary<string, int>();
        foreach (var binding in policy.Policy.Data)
        {
            var count = binding.Take switch
            {
                DataTake.Latest => 1,
                DataTake.Last => binding.Versions,
                _ => int.MaxValue,
            };
            var versions = await datasets.ListVersionsAsync(binding.Dataset, count, cancellationToken);
            if (versions.Count == 0)
            {
                // No uploads yet: the run trains on the pipeline's own data.
                continue;
            }

            learned[binding.Dataset] = versions[0].Version;
            var parts = versions.Reverse().Select(v => (v.Content, v.File)).ToList();
            if (binding.Take == DataTake.All && policy.Pipeline.Sources.TryGetValue(binding.Path, out var own))
            {
                parts.Insert(0, (own, binding.Path));
            }

            await datasets.RecordUseAsync(runId, binding.Path, versions, cancellationToken);
            sources[binding.Path] = await JoinAsync(parts, binding.Path, cancellationToken);
        }

        return new RunOrder
        {
            RunId = runId,
            Model = policy.Policy.Model,
            EventKeys = events,
            Trigger = trigger,
            Why = why,
            DecidedAt = now,
            Revision = policy.Revision.Revision,
            PipelineDigest = policy.Revision.PipelineDigest,
            Sources = sources,
            Versions = learned,
            Params = parameters,
            By = by,
        };
    }

    /// <summary>Concatenates several files. A single file in the path's format stays unchanged.</summary>
    private async Task<ContentRef> JoinAsync(
        List<(ContentRef Content, string File)> parts,
        string path,
        CancellationToken cancellationToken
    )
    {
        if (parts.Count == 1 && DriftReferences.ExtensionOf(parts[0].File) == DriftReferences.ExtensionOf(path))
        {
            return parts[0].Content;
        }

        var work = Directory.CreateTempSubdirectory("mlops-join-");
        try
        {
            var frames = new List<ColumnFrame>();
            foreach (var (content, file) in parts)
            {
                var at = Path.Combine(work.FullName, $"{frames.Count}{DriftReferences.ExtensionOf(file)}");
                await store.Content.GetAsync(content, at, cancellationToken);
                frames.Add(await ColumnReader.ReadAsync(at, cancellationToken: cancellationToken));
            }

            if (DriftReferences.ExtensionOf(path) != ".csv")
            {
                throw ServerlessException.Invalid(
                    $"Several versions can only be joined for a .csv file, but the path is '{path}'.",
                    "Use `take: latest`, or let the pipeline read a .csv file."
                );
            }

            var joined = Path.Combine(work.FullName, "joined.csv");
            await CsvColumnWriter.WriteAsync(Joined(frames), joined, cancellationToken);
            return await store.Content.PutAsync(joined, cancellationToken);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>
    /// Uses the columns of the first file, in order. The others have them, too: uploads are checked against the reference.
    /// </summary>
    private static ColumnFrame Joined(List<ColumnFrame> frames) =>
        new(
            frames[0]
                .Columns.Select(first =>
                {
                    var columns = frames.Select(f => f[first.Name]).ToList();
                    var texts = new List<string?>();
                    foreach (var column in columns)
                    {
                        for (var row = 0; row < column.Length; row++)
                        {
                            texts.Add(column.GetText(row));
                        }
                    }

                    return columns.All(c => c.Type == ColumnType.Number)
                        ? Column.FromNumbers(first.Name, [.. columns.SelectMany(c => c.Numbers.ToArray())])
                        : Column.FromTexts(first.Name, [.. texts]);
                })
        );
}
