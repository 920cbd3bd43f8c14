using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Pipelines;
using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Model;
using Serverless.Storage.Content;

namespace Serverless.Automation.Policies;

/// <summary>Applies policies: reads the document, checks it against its pipeline, and stores both.</summary>
public sealed class PolicyDesk(PolicyStore policies, ContentStore content, ComponentCatalog catalog)
{
    public const string FileName = "policy.yaml";

    /// <summary>Reads a policy and its pipeline. Reports all errors at once and stores nothing.</summary>
    public (TrainingPolicy Policy, PipelineDocument Pipeline, string Text) Check(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        var text = TextFile.Read(file, path);
        var policy = PolicyReader.Read(text, file);
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var pipeline = DvcYaml.Read(Path.Combine(folder, policy.Pipeline), catalog);
        PipelineRules.Check(policy, pipeline, folder, file);
        return (policy, pipeline, text);
    }

    /// <summary>Validates a policy, stores it with its pipeline, and activates it.</summary>
    public async Task<(PolicyRevision Revision, bool IsNew)> ApplyAsync(
        string path,
        string by,
        bool cameWithRun = false,
        CancellationToken cancellationToken = default
    )
    {
        var (policy, pipeline, text) = Check(path);
        if (
            cameWithRun
            && await policies.FindAsync(policy.Model, cancellationToken) is { } state
            && await policies.GetRevisionAsync(policy.Model, state.Revision, cancellationToken) is { CameWithRun: false } byHand
        )
        {
            return (byHand, false);
        }

        // The drift references are stored with the pipeline.
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        var references = policy
            .Triggers.OfType<DriftTrigger>()
            .Select(t => t.Reference.Path)
            .Append(policy.Replay?.Data)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .Select(p => new SourceFile(p, Path.GetFullPath(Path.Combine(folder, p)), false))
            .ToList();
        var (_, digest) = await PipelineSnapshot.StoreAsync(
            pipeline with
            {
                Sources = [.. pipeline.Sources, .. references.Where(r => pipeline.Sources.All(s => s.Path != r.Path))],
            },
            content,
            cancellationToken
        );
        return await ApplyAsync(
            policy,
            text,
            Directory.Exists(path) ? FileName : Path.GetFileName(path),
            digest,
            by,
            cameWithRun,
            cancellationToken
        );
    }

    /// <summary>Changes the document and keeps the model's pipeline.</summary>
    public async Task<(PolicyRevision Revision, bool IsNew)> ChangeAsync(
        string model,
        string text,
        string by,
        CancellationToken cancellationToken = default
    )
    {
        var policy = PolicyReader.Read(text, FileName);
        if (policy.Model != model)
        {
            throw ServerlessException.Invalid(
                $"The policy is for model '{policy.Model}', not for '{model}'.",
                "Send it to that model, or correct `model`."
            );
        }

        var state = await policies.GetAsync(model, cancellationToken);
        var current = await policies.GetRevisionAsync(model, state.Revision, cancellationToken);
        var snapshot = await PipelineSnapshot.LoadAsync(current.PipelineDigest, content, cancellationToken);
        PipelineRules.CheckPaths(policy, [.. snapshot.Sources.Keys], FileName);
        return await ApplyAsync(policy, text, FileName, current.PipelineDigest, by, false, cancellationToken);
    }

    private Task<(PolicyRevision Revision, bool IsNew)> ApplyAsync(
        TrainingPolicy policy,
        string text,
        string file,
        string pipelineDigest,
        string by,
        bool cameWithRun,
        CancellationToken cancellationToken
    ) =>
        policies.ApplyAsync(
            new PolicyRevision
            {
                Model = policy.Model,
                Revision = 0,
                Text = text,
                File = file,
                Digest = PolicyReader.DigestOf(text + "\n" + pipelineDigest),
                PipelineDigest = pipelineDigest,
                AppliedBy = by,
                AppliedAt = default,
                CameWithRun = cameWithRun,
            },
            policy.Triggers.Where(t => t is ScheduleTrigger or PerformanceTrigger).Select(t => t.Name),
            cancellationToken
        );
}
