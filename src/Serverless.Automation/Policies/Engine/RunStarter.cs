using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Pipelines;
using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Model;
using Serverless.Storage.Content;
using Serverless.Tracking.Runs;

namespace Serverless.Automation.Policies.Engine;

/// <summary>Submits the runs that policies decided on.</summary>
internal sealed class RunStarter(PolicyEngineOptions options)
{
    public const string TriggerTag = "serverless.trigger";
    public const string WhyTag = "serverless.trigger.why";
    public const string EventTag = "serverless.trigger.events";
    public const string PolicyTag = "serverless.policy";

    private readonly RunSubmitter submitter = new(options.Store, options.Runs, options.Time);

    /// <summary>Submits the run. Idempotent.</summary>
    public async Task<Run> StartAsync(RunOrder order, CancellationToken cancellationToken)
    {
        var pipeline = await PipelineSnapshot.LoadAsync(order.PipelineDigest, options.Store.Content, cancellationToken);
        var revision = await options.Policies.GetRevisionAsync(order.Model, order.Revision, cancellationToken);
        var policy = PolicyReader.Read(revision.Text, revision.File);
        var run = await WithDocumentAsync(
            pipeline,
            order.Params,
            document =>
            {
                var sources = new Dictionary<string, ContentRef>(
                    pipeline.Sources.Where(s => order.Params.Count == 0 || !pipeline.Definitions.Any(d => d.Key == s.Key))
                );
                foreach (var (path, content) in order.Sources)
                {
                    sources[path] = content;
                }

                return submitter.SubmitAsync(
                    PolicyRulesInPipeline.Apply(policy, document),
                    new SubmitOptions
                    {
                        Parallelism = options.Parallelism,
                        User = order.By,
                        RunId = order.RunId,
                        Sources = sources,
                        Tags = new Dictionary<string, string>
                        {
                            [TriggerTag] = order.Trigger,
                            [WhyTag] = order.Why,
                            [EventTag] = string.Join(' ', order.EventKeys),
                            [PolicyTag] = $"revision {order.Revision}",
                        },
                    },
                    cancellationToken
                );
            },
            cancellationToken
        );
        await options.Submitted(run, cancellationToken);
        return run;
    }

    /// <summary>Validates parameters before anything is decided.</summary>
    public Task CheckAsync(LoadedPolicy policy, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken) =>
        WithDocumentAsync(policy.Pipeline, parameters, document => Task.FromResult(document.Spec.Name), cancellationToken);

    private async Task<T> WithDocumentAsync<T>(
        PipelineSnapshot pipeline,
        IReadOnlyDictionary<string, string> parameters,
        Func<PipelineDocument, Task<T>> use,
        CancellationToken cancellationToken
    )
    {
        var work = Path.Combine(options.WorkRoot, "policy-" + Ids.NewId()[..12]);
        Directory.CreateDirectory(work);
        try
        {
            return await use(
                await pipeline.ReadAsync(work, options.Catalog, options.Store.Content, new ParameterChanges(parameters), cancellationToken)
            );
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }
}
