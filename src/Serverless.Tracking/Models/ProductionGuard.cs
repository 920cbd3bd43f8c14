using System.Globalization;
using Serverless.Core;

namespace Serverless.Tracking.Models;

/// <summary>
/// Restricts who may move a version of a model to Production. A model enables it with the tag `serverless.production`, whose value lists
/// the permitted actors: `approver:alice, approver:bob, pipeline:churn`. Without the tag, everyone may, as in MLflow.
/// </summary>
internal sealed record ProductionGuard(IReadOnlyList<string> Approvers, IReadOnlyList<string> Pipelines)
{
    public const string Tag = "serverless.production";
    private const string Form =
        "Write it as 'approver:alice, approver:bob, pipeline:churn', with at least one approver. Only approvers can change it later.";

    public static ProductionGuard? Of(RegisteredModel model) => model.Tags.TryGetValue(Tag, out var value) ? Parse(value) : null;

    public static ProductionGuard Parse(string value)
    {
        var (approvers, pipelines) = (new List<string>(), new List<string>());
        foreach (var item in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = item.IndexOf(':', StringComparison.Ordinal);
            var name = item[(colon + 1)..].Trim();
            var list = item[..Math.Max(colon, 0)].Trim() switch
            {
                "approver" => approvers,
                "pipeline" => pipelines,
                _ => null,
            };
            if (list is null || name.Length == 0)
            {
                throw ServerlessException.Invalid($"'{item}' in the tag {Tag} is neither an approver nor a pipeline. {Form}");
            }

            list.Add(name);
        }

        return approvers.Count > 0
            ? new ProductionGuard(approvers, pipelines)
            : throw ServerlessException.Invalid($"The tag {Tag} lists no approver. {Form}");
    }

    /// <summary>Checks changes of the guard itself and of anything that would bypass it, which only approvers may make.</summary>
    public static void CheckChange(RegisteredModel model, Actor actor, string what)
    {
        if (Of(model) is { } guard && !guard.Approvers.Contains(actor.Name))
        {
            throw Denied(
                $"'{actor.Name}' may not {what} '{model.Name}': its Production stage is guarded. Ask one of its approvers "
                    + $"({string.Join(", ", guard.Approvers)})."
            );
        }
    }

    public void CheckPromotion(RegisteredModel model, int version, Actor actor)
    {
        if (Approvers.Contains(actor.Name) || (actor.Pipeline is { } pipeline && Pipelines.Contains(pipeline)))
        {
            return;
        }

        var ways = Pipelines.Count == 0 ? "" : $"Promote it through pipeline {string.Join(" or ", Pipelines)}, or ask ";
        throw Denied(
            string.Create(
                CultureInfo.InvariantCulture,
                $"'{actor.Name}' may not move version {version} of '{model.Name}' to Production because the stage is guarded. "
                    + $"{(ways.Length > 0 ? ways : "Ask ")}one of its approvers ({string.Join(", ", Approvers)}) to make this transition; "
                    + $"the request is recorded in the model's history (`mlops models {model.Name}`)."
            )
        );
    }

    private static ServerlessException Denied(string message) => new(ErrorCodes.PermissionDenied, message, status: 403);
}
