using System.Globalization;
using Serverless.Automation.Hooks;
using Serverless.Automation.Retention;
using Serverless.Core;
using Serverless.Tracking.Models;

namespace Serverless.Api.Hosting;

/// <summary>How workspaces are created.</summary>
public enum WorkspacePolicy
{
    /// <summary>On first use of the name. Suitable for a single machine.</summary>
    OnFirstUse,

    /// <summary>By an administrator. An unknown name gets 404.</summary>
    ByAdmin,
}

/// <summary>The options of the API. The defaults are those of the local host.</summary>
public sealed record ApiOptions
{
    /// <summary>Whether values that look like secrets are masked in params, tags, metrics and datasets before they are stored.</summary>
    public bool MasksSecrets { get; init; } = true;

    public WorkspacePolicy Workspaces { get; init; } = WorkspacePolicy.OnFirstUse;

    /// <summary>The webhook secret and the address of GitHub.</summary>
    public GithubOptions Github { get; init; } = new();

    /// <summary>Whether predictions are logged.</summary>
    public bool LogsPredictions { get; init; } = true;

    /// <summary>How long predictions and processed events are kept.</summary>
    public RetentionOptions Retention { get; init; } = new();

    /// <summary>The administrators, who may create workspaces.</summary>
    public IReadOnlyList<string> Admins { get; init; } = [];

    /// <summary>
    /// Reads the environment variables `MLOPS_MASK_SECRETS`, `MLOPS_WORKSPACE_POLICY`, `MLOPS_ADMINS`, `MLOPS_LOG_PREDICTIONS`,
    /// `MLOPS_PREDICTION_DAYS`, `MLOPS_EVENT_DAYS`.
    /// </summary>
    /// <param name="policy">The policy if the environment does not set one.</param>
    public static ApiOptions FromEnvironment(WorkspacePolicy policy = WorkspacePolicy.OnFirstUse) =>
        From(Environment.GetEnvironmentVariable, policy) with
        {
            Github = GithubOptions.FromEnvironment(),
        };

    /// <summary>Reads the settings from another source.</summary>
    public static ApiOptions From(Func<string, string?> setting, WorkspacePolicy policy = WorkspacePolicy.OnFirstUse) =>
        new()
        {
            MasksSecrets = Switch(setting, "MLOPS_MASK_SECRETS", "secrets are masked"),
            LogsPredictions = Switch(setting, "MLOPS_LOG_PREDICTIONS", "predictions are logged"),
            Retention = new RetentionOptions
            {
                PredictionDays = Days(
                    setting,
                    "MLOPS_PREDICTION_DAYS",
                    RetentionOptions.LeastPredictionDays,
                    new RetentionOptions().PredictionDays
                ),
                EventDays = Days(setting, "MLOPS_EVENT_DAYS", RetentionOptions.LeastEventDays, new RetentionOptions().EventDays),
            },
            Workspaces = Text(setting, "MLOPS_WORKSPACE_POLICY") switch
            {
                "" => policy,
                "on-first-use" => WorkspacePolicy.OnFirstUse,
                "by-admin" => WorkspacePolicy.ByAdmin,
                var text => throw Wrong("MLOPS_WORKSPACE_POLICY", text, "Use on-first-use or by-admin."),
            },
            Admins = Text(setting, "MLOPS_ADMINS").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        };

    internal void CheckAdmin(Actor actor, string what)
    {
        if (Workspaces == WorkspacePolicy.ByAdmin && !Admins.Contains(actor.Name, StringComparer.OrdinalIgnoreCase))
        {
            throw new ServerlessException(
                ErrorCodes.PermissionDenied,
                $"'{actor.Name}' may not {what}. Ask an administrator"
                    + (Admins.Count == 0 ? " of this host to run `mlops workspaces create`." : $": {string.Join(", ", Admins)}."),
                status: 403
            );
        }
    }

    private static bool Switch(Func<string, string?> setting, string name, string by) =>
        Text(setting, name) switch
        {
            "" or "1" or "true" or "on" => true,
            "0" or "false" or "off" => false,
            var text => throw Wrong(name, text, $"Use 1 or 0, or omit it: {by} by default."),
        };

    private static int Days(Func<string, string?> setting, string name, int least, int otherwise) =>
        Text(setting, name) is not { Length: > 0 } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days)
        && days >= least
        && days <= RetentionOptions.MostDays
            ? days
        : throw Wrong(
            name,
            text,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Use a whole number of days from {least} to {RetentionOptions.MostDays}, or omit it for the default, {otherwise}."
            )
        );

    private static string Text(Func<string, string?> setting, string name) => setting(name)?.Trim().ToLowerInvariant() ?? "";

    private static ServerlessException Wrong(string name, string text, string fix) =>
        new(ErrorCodes.Environment, $"{name} has the invalid value '{text}'.", fix);
}
