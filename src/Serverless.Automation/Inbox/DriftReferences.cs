using System.Text;
using System.Text.Json;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Pipelines;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;
using Serverless.Storage.Content;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;

namespace Serverless.Automation.Inbox;

/// <summary>The reference for new data: content, name, and a profile that is computed once.</summary>
internal sealed record ReferenceData(ContentRef Content, string Path, string Name);

/// <summary>Finds references and caches their profiles.</summary>
internal sealed class DriftReferences(Store store, RunStore runs, IModelRegistry registry)
{
    private readonly Dictionary<string, ReferenceProfile> memory = new(StringComparer.Ordinal);

    /// <exception cref="ServerlessException">The reference does not exist.</exception>
    public async Task<ReferenceData> FindAsync(
        TrainingPolicy policy,
        PipelineSnapshot pipeline,
        DriftReference reference,
        DataBinding binding,
        CancellationToken cancellationToken
    )
    {
        if (reference.Path is { } path)
        {
            return pipeline.Sources.TryGetValue(path, out var file)
                ? new ReferenceData(file, path, path)
                : throw Missing($"the file '{path}' was not stored with the policy", "Apply the policy again from its folder.");
        }

        var champion = await registry.GetLatestAsync(policy.Model, Stage.Production, cancellationToken);
        if (champion is null)
        {
            return pipeline.Sources.TryGetValue(binding.Path, out var own)
                ? new ReferenceData(own, binding.Path, binding.Path)
                : throw Missing(
                    $"{policy.Model} has no version in production, and the pipeline did not store '{binding.Path}'",
                    "Run the pipeline once."
                );
        }

        var name = $"the training data of version {champion.Version}";
        var run = champion.RunId is { } id ? await runs.FindAsync(id, cancellationToken) : null;
        if (run?.Pipeline is null)
        {
            throw Missing(
                $"version {champion.Version} of {policy.Model}, which is in production, was not created by a pipeline run",
                "Name a file as `reference`."
            );
        }

        var definition = JsonSerializer.Deserialize<RunDefinition>(
            await store.Content.ReadAsync(run.Pipeline.DefinitionDigest, cancellationToken),
            StorageJson.Options
        )!;
        return definition.Sources.TryGetValue(binding.Path, out var content)
            ? new ReferenceData(content, binding.Path, name)
            : throw Missing(
                $"the run that created version {champion.Version} did not read '{binding.Path}'",
                "Name a file as `reference`."
            );
    }

    /// <summary>The profile of a reference. Only the first call reads its data.</summary>
    public async Task<ReferenceProfile> ProfileAsync(ReferenceData reference, string? by, string work, CancellationToken cancellationToken)
    {
        var path = $"drift/profiles/{reference.Content.Digest}{(by is null ? "" : "-" + PolicyReader.DigestOf(by))}.json";
        lock (memory)
        {
            if (memory.TryGetValue(path, out var known))
            {
                return known;
            }
        }

        ReferenceProfile profile;
        if (await store.Artifacts.OpenAsync(path, cancellationToken: cancellationToken) is { } stored)
        {
            await using (stored)
            {
                using var reader = new StreamReader(stored.Body);
                profile = ReferenceProfile.FromJson(await reader.ReadToEndAsync(cancellationToken));
            }
        }
        else
        {
            var frame = await ReadAsync(reference, work, cancellationToken);
            profile = ReferenceProfile.Of(frame, new ReferenceProfileOptions { By = by });
            using var body = new MemoryStream(Encoding.UTF8.GetBytes(profile.ToJson()));
            await store.Artifacts.UploadAsync(path, body, body.Length, cancellationToken);
        }

        lock (memory)
        {
            memory[path] = profile;
        }

        return profile;
    }

    public async Task<ColumnFrame> ReadAsync(ReferenceData reference, string work, CancellationToken cancellationToken)
    {
        var file = Path.Combine(work, $"reference-{reference.Content.Digest}{ExtensionOf(reference.Path)}");
        if (!File.Exists(file))
        {
            try
            {
                await store.Content.GetAsync(reference.Content, file, cancellationToken);
            }
            catch (ServerlessException e) when (e.Status == 404)
            {
                throw Missing(
                    $"{reference.Name} is no longer in the store",
                    "Apply the policy again, or name another file as `reference`."
                );
            }
        }

        return await ColumnReader.ReadAsync(file, new ColumnReaderOptions { RequireRows = true }, cancellationToken);
    }

    /// <summary>`.csv.gz` is one extension.</summary>
    public static string ExtensionOf(string path) =>
        path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? Path.GetExtension(path[..^3]) + ".gz" : Path.GetExtension(path);

    private static ServerlessException Missing(string why, string fix) =>
        new(ErrorCodes.ResourceDoesNotExist, $"The reference does not exist: {why}.", fix, 404);
}
