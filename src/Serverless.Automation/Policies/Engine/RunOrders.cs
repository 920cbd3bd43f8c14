using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Records;
using Serverless.Core.Columns;
using Serverless.Storage;
using Serverless.Storage.Content;

namespace Serverless.Automation.Policies.Engine;

/// <summary>Determines the data that a run trains on.</summary>
internal sealed class RunOrders(Store store, DatasetStore datasets)
{
    /// <summary>What a run would learn from now, by its digest; nothing is written down.</summary>
    public async Task<string> DigestAsync(LoadedPolicy policy, CancellationToken cancellationToken) =>
        (await MakeAsync(policy, null, [], "", "", default, policy.Policy.Params, "", cancellationToken)).Digest();

    /// <param name="policy">The policy.</param>
    /// <param name="runId">The run's id; null if there will be none.</param>
    /// <param name="events">The events it answers, its own first.</param>
    /// <param name="trigger">Which trigger fired.</param>
    /// <param name="why">Why.</param>
    /// <param name="now">When.</param>
    /// <param name="parameters">Parameters instead of the pipeline's.</param>
    /// <param name="by">Who asked.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<RunOrder> MakeAsync(
        LoadedPolicy policy,
        string? runId,
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

            if (runId is not null)
            {
                await datasets.RecordUseAsync(runId, binding.Path, versions, cancellationToken);
            }

            sources[binding.Path] = await JoinAsync(parts, binding.Path, cancellationToken);
        }

        return new RunOrder
        {
            RunId = runId ?? "",
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

            var joined = Path.Combine(work.FullName, "joined" + DriftReferences.ExtensionOf(path));
            await ColumnWriter.WriteAsync(Joined(frames), joined, cancellationToken);
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
                    // One value is written in one way: pandas' 2.0 and True are the 2 and 1 of the file before.
                    var columns = frames.Select(f => ColumnConversion.ToOrSame(f[first.Name], first.Type)).ToList();
                    if (
                        columns.All(c => c.Type is ColumnType.Number or ColumnType.Integer) && columns.Any(c => c.Type == ColumnType.Number)
                    )
                    {
                        return Column.FromNumbers(first.Name, [.. columns.SelectMany(c => c.Numbers.ToArray())]);
                    }

                    return Column.FromTexts(first.Name, [.. columns.SelectMany(c => Enumerable.Range(0, c.Length).Select(c.GetText))]);
                })
        );
}
