using System.Text.Json;
using Serverless.Core;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;
using Serverless.Storage.Content;
using Serverless.Storage.Tables;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Engines.Local;

/// <summary>The options for submitting a run.</summary>
public sealed record SubmitOptions
{
    /// <summary>Gets the maximum number of parallel tasks.</summary>
    public int Parallelism { get; init; } = 4;

    public string User { get; init; } = Environment.UserName;

    /// <summary>Gets whether to return an identical unfinished run that nobody is driving, if there is one.</summary>
    public bool GoOn { get; init; }

    /// <summary>Gets whether a durable engine drives the run.</summary>
    internal bool IsDurable { get; init; }

    /// <summary>Gets the id of the run, if it is known in advance. Submitting it again has no effect.</summary>
    public string? RunId { get; init; }

    /// <summary>Gets sources whose content is already stored, by path. Their content in the folder is ignored.</summary>
    public IReadOnlyDictionary<string, ContentRef> Sources { get; init; } = new Dictionary<string, ContentRef>();

    /// <summary>Gets additional tags of the run.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// Creates a run of a pipeline file: stores its sources and its definition, and records it as scheduled. Independent of the engine.
/// </summary>
public sealed class RunSubmitter(Store store, RunStore runs, TimeProvider time)
{
    public async Task<Run> SubmitAsync(PipelineDocument document, SubmitOptions options, CancellationToken cancellationToken = default)
    {
        SecretGuard.Check(document);
        if (document.Spec.Graph.Tasks.Count == 0)
        {
            throw ServerlessException.Invalid(
                $"The pipeline '{document.Spec.Name}' has no stages: there is nothing to run.",
                "Write at least one stage into its dvc.yaml."
            );
        }

        var user = options.User;
        var open = options.GoOn ? runs.ListOpenAsync(cancellationToken) : Task.FromResult<IReadOnlyList<Run>>([]);
        var experiment = runs.Experiments.GetOrCreateAsync(document.Spec.Name, cancellationToken);
        var definition = new RunDefinition
        {
            Pipeline = document.Spec,
            Sources = await StoreSourcesAsync(document, options.Sources, cancellationToken),
            Parallelism = options.Parallelism,
        };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(definition, StorageJson.Options);
        var digest = (await store.Content.PutBytesAsync(bytes, cancellationToken)).Digest;
        if (await FindLeftAsync(await open, digest, cancellationToken) is { } left)
        {
            return left;
        }

        var home = await experiment;
        if (home.IsDeleted)
        {
            throw new ServerlessException(
                ErrorCodes.InvalidState,
                $"The experiment '{home.Name}', where runs of this pipeline belong, was deleted.",
                "Restore it, or rename the pipeline's folder.",
                409
            );
        }

        var id = options.RunId ?? Ids.NewId();
        var run = new Run
        {
            Id = id,
            ExperimentId = home.Id,
            ArtifactUri = ArtifactUris.Append(home.ArtifactLocation, $"{id}/artifacts"),
            Name = document.Spec.Name,
            Status = RunStatus.Scheduled,
            User = user,
            StartTime = time.GetUtcNow(),
            Params = ParamsOf(document.Spec.Graph),
            Tags = new Dictionary<string, string>(options.Tags)
            {
                ["mlflow.runName"] = document.Spec.Name,
                ["mlflow.user"] = user,
                ["mlflow.source.name"] = document.Spec.Name,
            },
            Pipeline = new PipelineRun
            {
                Pipeline = document.Spec.Name,
                DefinitionDigest = digest,
                IsDurable = options.IsDurable,
            },
        };
        return await runs.CreateAsync(run, cancellationToken);
    }

    /// <summary>Records another run of what a run did: its definition and sources, which are stored.</summary>
    public async Task<Run> AgainAsync(Run run, string user, bool isDurable, CancellationToken cancellationToken = default)
    {
        var home = await runs.Experiments.GetOrCreateAsync(run.Pipeline!.Pipeline, cancellationToken);
        if (home.IsDeleted)
        {
            throw new ServerlessException(
                ErrorCodes.InvalidState,
                $"The experiment '{home.Name}', where runs of this pipeline belong, was deleted.",
                "Restore the experiment first.",
                409
            );
        }

        var id = Ids.NewId();
        return await runs.CreateAsync(
            new Run
            {
                Id = id,
                ExperimentId = home.Id,
                ArtifactUri = ArtifactUris.Append(home.ArtifactLocation, $"{id}/artifacts"),
                Name = run.Name,
                Status = RunStatus.Scheduled,
                User = user,
                StartTime = time.GetUtcNow(),
                Params = run.Params,
                Tags = new Dictionary<string, string>
                {
                    ["mlflow.runName"] = run.Name,
                    ["mlflow.user"] = user,
                    ["mlflow.source.name"] = run.Pipeline.Pipeline,
                    ["serverless.rerunOf"] = run.Id,
                },
                Pipeline = new PipelineRun
                {
                    Pipeline = run.Pipeline.Pipeline,
                    DefinitionDigest = run.Pipeline.DefinitionDigest,
                    IsDurable = isDurable,
                },
            },
            cancellationToken
        );
    }

    /// <summary>A run of the very same pipeline, parameters and sources that has not ended and that nobody drives.</summary>
    private async Task<Run?> FindLeftAsync(IReadOnlyList<Run> open, string digest, CancellationToken cancellationToken)
    {
        foreach (var run in open.Where(r => r.Pipeline?.DefinitionDigest == digest))
        {
            var lease = await runs.Table.GetAsync(runs.Keys.Experiment(run.ExperimentId), RunKeys.Lease(run.Id), cancellationToken);
            if (!Lease.IsHeld(lease?.Read<LeaseRecord>(), time))
            {
                return run;
            }
        }

        return null;
    }

    private async Task<Dictionary<string, ContentRef>> StoreSourcesAsync(
        PipelineDocument document,
        IReadOnlyDictionary<string, ContentRef> known,
        CancellationToken cancellationToken
    )
    {
        var stored = await Task.WhenAll(
            document.Sources.Select(async source =>
                known.TryGetValue(source.Path, out var there) ? (source.Path, Content: there)
                : source.IsOptional && !File.Exists(source.FullPath) && !Directory.Exists(source.FullPath)
                    ? (source.Path, Content: (ContentRef?)null)
                : (source.Path, Content: await store.Content.PutAsync(source.FullPath, cancellationToken))
            )
        );
        return stored.Where(s => s.Content is not null).ToDictionary(s => s.Path, s => s.Content!);
    }

    private static Dictionary<string, string> ParamsOf(GraphSpec graph)
    {
        var values = new Dictionary<string, string>();
        foreach (var (name, value) in SecretGuard.TasksOf(graph).SelectMany(t => t.Task.Tracked))
        {
            values[name] = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        }

        return values;
    }
}
