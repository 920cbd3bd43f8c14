using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Pipelines.Components;
using Serverless.Tracking.Alerts;
using Serverless.Tracking.Models;
using Serverless.Training.Models;
using Serverless.Training.Promotion;

namespace Serverless.Training.Components.Register;

internal sealed class PromoteParameters
{
    [Description("File written by `register`: the version to promote.")]
    public required InputPath Registration { get; set; }

    [Description("Stage to move the version to.")]
    public Stage Stage { get; set; } = Stage.Production;

    [Description("Archive the current versions in that stage.")]
    public bool ArchiveExisting { get; set; } = true;

    [Description("Reason for the registry's history. Default: the reasons of the verdict.")]
    public string? Why { get; set; }

    [Description(
        "Rollout plan to Production, as in a policy: steps, bake, minimum_requests, alpha, errors, latency, quality, "
            + "breaker, deadline."
    )]
    public RolloutPlan? Rollout { get; set; }

    [Description("Approval required before the version takes traffic: role, deadline.")]
    public ApprovalRule? Approval { get; set; }

    [Description("Targets of rollout alerts: a list of webhook, secret, on.")]
    public IReadOnlyList<AlertTarget> Alerts { get; set; } = [];
}

[Component("promote", Description = "Moves a registered version to a stage, and archives the previous version there.")]
internal sealed class PromoteComponent : Component<PromoteParameters>
{
    public override async Task<ComponentOutputs> RunAsync(
        PromoteParameters p,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        var registry = Registry.Of(context);
        var registration = Registration.Read(p.Registration.Path);
        var previous = await registry.GetLatestAsync(registration.Name, p.Stage, cancellationToken);
        if (
            p.Stage == Stage.Production
            && registration.Compared
            && previous is not null
            && previous.Version != registration.Version
            && previous.Version != registration.ComparedWith
        )
        {
            throw ServerlessException.Conflict(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{registration.Name} version {previous.Version} went to Production after version {registration.Version} was "
                        + $"compared with {Compared(registration)}."
                ),
                "Run the pipeline again to compare with the new champion."
            );
        }

        if (p.Rollout is not null || p.Approval is not null)
        {
            return await RollOutAsync(p, registration, previous, context, cancellationToken);
        }

        var version = await registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = registration.Name,
                Version = registration.Version,
                Stage = p.Stage,
                ArchiveExisting = p.ArchiveExisting,
                Pipeline = context.Pipeline,
                By = $"pipeline {context.Pipeline}, run {context.RunId}",
                Why = p.Why ?? registration.Reason,
            },
            cancellationToken
        );
        var replaced = previous is not null && previous.Version != version.Version ? previous.Version : (int?)null;
        context.Log.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{version.Name} version {version.Version} is in {version.Stage}{(replaced is { } r ? $", replacing version {r}" : "")}."
            )
        );
        return new ComponentOutputs
        {
            Values = new JsonObject
            {
                ["name"] = version.Name,
                ["version"] = version.Version,
                ["stage"] = version.Stage.ToString(),
                ["previous"] = replaced,
            },
        };
    }

    public override async Task<bool> StillHoldsAsync(
        PromoteParameters p,
        ComponentOutputs recorded,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        if (
            (string?)recorded.Values["name"] is not { } name
            || ModelJson.Int(recorded.Values["version"]) is not { } version
            || await Registry.Of(context).FindVersionAsync(name, version, cancellationToken) is not { } found
        )
        {
            return false;
        }

        // An open rollout continues. After a rollback, the version was rejected, and the same run does not try again.
        return found.Stage == p.Stage
            || (
                (string?)recorded.Values["rollout"] is { } id
                && StarterOf(context) is { } rollouts
                && await rollouts.ExistsAsync(name, id, cancellationToken)
            );
    }

    private static async Task<ComponentOutputs> RollOutAsync(
        PromoteParameters p,
        Registration registration,
        ModelVersion? previous,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        if (p.Stage != Stage.Production)
        {
            throw ServerlessException.Invalid(
                $"A rollout always leads to Production, but `stage` is {p.Stage}.",
                "Omit `stage`, or omit `rollout` and `approval`."
            );
        }

        var rollouts =
            StarterOf(context)
            ?? throw new ServerlessException(
                ErrorCodes.Environment,
                "This host does not support rollouts in components.",
                "Run the pipeline with `mlops run`.",
                status: 500
            );
        if (previous?.Version == registration.Version)
        {
            return Outputs(registration, Stage.Production, null, null);
        }

        var rollout = await rollouts.StartAsync(
            new RolloutRequest
            {
                Model = registration.Name,
                Version = registration.Version,
                Plan = p.Rollout ?? RolloutPlan.AtOnce,
                Alerts = p.Alerts,
                Approval = p.Approval,
                ComparedWith = registration.Compared ? registration.ComparedWith : null,
                By = new Actor($"pipeline {context.Pipeline}, run {context.RunId}", context.Pipeline),
                Why = p.Why ?? registration.Reason,
            },
            cancellationToken
        );
        context.Log.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{registration.Name} version {registration.Version} is being rolled out to Production: {rollout.State}, "
                    + $"{100 * rollout.Traffic:0.###} % of the traffic. For details, run `mlops rollout show {registration.Name}`."
            )
        );
        return Outputs(registration, rollout.IsPromoted ? Stage.Production : Stage.Staging, previous?.Version, rollout.Id);
    }

    private static ComponentOutputs Outputs(Registration registration, Stage stage, int? previous, string? rollout) =>
        new()
        {
            Values = new JsonObject
            {
                ["name"] = registration.Name,
                ["version"] = registration.Version,
                ["stage"] = stage.ToString(),
                ["previous"] = previous,
                ["rollout"] = rollout,
            },
        };

    private static IRolloutStarter? StarterOf(ComponentContext context) =>
        context.Services.GetService(typeof(IRolloutStarter)) as IRolloutStarter;

    private static string Compared(Registration r) =>
        r.ComparedWith is { } version ? string.Create(CultureInfo.InvariantCulture, $"version {version}") : "no champion";
}
