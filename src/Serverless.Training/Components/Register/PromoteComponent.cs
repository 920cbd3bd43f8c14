using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Pipelines;
using Serverless.Tracking;

namespace Serverless.Training;

internal sealed class PromoteParameters
{
    [Description("What `register` wrote: which version to promote.")]
    public required InputPath Registration { get; set; }

    [Description("Where the version shall stand.")]
    public Stage Stage { get; set; } = Stage.Production;

    [Description("Archive the versions that stand there now.")]
    public bool ArchiveExisting { get; set; } = true;

    [Description("Why, for the registry's history. Default: the reasons of the verdict.")]
    public string? Why { get; set; }
}

[Component("promote", Description = "Moves a registered version to a stage, and archives the one that stood there.")]
internal sealed class PromoteComponent : Component<PromoteParameters>
{
    public override async Task<ComponentOutputs> RunAsync(PromoteParameters p, ComponentContext context, CancellationToken cancellationToken)
    {
        var registry = Registry.Of(context);
        var registration = Registration.Read(p.Registration.Path);
        var previous = await registry.GetLatestAsync(registration.Name, p.Stage, cancellationToken).ConfigureAwait(false);
        if (p.Stage == Stage.Production && registration.Compared && previous is not null
            && previous.Version != registration.Version && previous.Version != registration.ComparedWith)
        {
            throw ServerlessException.Conflict(
                string.Create(CultureInfo.InvariantCulture, $"{registration.Name} version {previous.Version} went to Production after version {registration.Version} was compared with {Compared(registration)}."),
                "Run the pipeline again: it compares with the new champion.");
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
            cancellationToken).ConfigureAwait(false);
        var replaced = previous is not null && previous.Version != version.Version ? previous.Version : (int?)null;
        context.Log.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{version.Name} version {version.Version} is in {version.Stage}{(replaced is { } r ? $", in place of version {r}" : "")}."));
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
        PromoteParameters p, ComponentOutputs recorded, ComponentContext context, CancellationToken cancellationToken) =>
        (string?)recorded.Values["name"] is { } name
        && ModelJson.Int(recorded.Values["version"]) is { } version
        && await Registry.Of(context).FindVersionAsync(name, version, cancellationToken).ConfigureAwait(false) is { } found
        && found.Stage == p.Stage;

    private static string Compared(Registration r) =>
        r.ComparedWith is { } version ? string.Create(CultureInfo.InvariantCulture, $"version {version}") : "no champion at all";
}
