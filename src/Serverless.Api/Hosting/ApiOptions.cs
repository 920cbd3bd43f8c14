using Serverless.Tracking;
using Serverless.Training;

namespace Serverless.Api;

/// <summary>How a workspace comes to be.</summary>
public enum WorkspacePolicy
{
    /// <summary>Whoever names one has it: right for one's own machine.</summary>
    OnFirstUse,

    /// <summary>An administrator makes it first; a name that nobody made is answered 404.</summary>
    ByAdmin,
}

/// <summary>What a host may set about the API. The defaults are those of the local host.</summary>
public sealed record ApiOptions
{
    /// <summary>Whether params, tags, metrics and datasets that look like secrets are masked before they are stored.</summary>
    public bool MasksSecrets { get; init; } = true;

    public WorkspacePolicy Workspaces { get; init; } = WorkspacePolicy.OnFirstUse;

    /// <summary>The webhook's secret, and where GitHub is.</summary>
    public GithubOptions Github { get; init; } = new();

    /// <summary>Who may make workspaces where only administrators may.</summary>
    public IReadOnlyList<string> Admins { get; init; } = [];

    /// <summary>The settings of the environment: `MLOPS_MASK_SECRETS`, `MLOPS_WORKSPACE_POLICY`, `MLOPS_ADMINS`.</summary>
    /// <param name="policy">What holds where the environment says nothing.</param>
    public static ApiOptions FromEnvironment(WorkspacePolicy policy = WorkspacePolicy.OnFirstUse) => new()
    {
        Github = GithubOptions.FromEnvironment(),
        MasksSecrets = Setting("MLOPS_MASK_SECRETS") switch
        {
            "" or "1" or "true" or "on" => true,
            "0" or "false" or "off" => false,
            var text => throw Wrong("MLOPS_MASK_SECRETS", text, "Give 1 or 0, or leave it out: secrets are masked."),
        },
        Workspaces = Setting("MLOPS_WORKSPACE_POLICY") switch
        {
            "" => policy,
            "on-first-use" => WorkspacePolicy.OnFirstUse,
            "by-admin" => WorkspacePolicy.ByAdmin,
            var text => throw Wrong("MLOPS_WORKSPACE_POLICY", text, "Give on-first-use or by-admin."),
        },
        Admins = Setting("MLOPS_ADMINS").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
    };

    internal void CheckAdmin(Actor actor, string what)
    {
        if (Workspaces == WorkspacePolicy.ByAdmin && !Admins.Contains(actor.Name, StringComparer.OrdinalIgnoreCase))
        {
            throw new ServerlessException(
                ErrorCodes.PermissionDenied,
                $"'{actor.Name}' may not {what}. Ask an administrator"
                + (Admins.Count == 0 ? " of this host to run `mlops workspaces create`." : $": {string.Join(", ", Admins)}."),
                status: 403);
        }
    }

    private static string Setting(string name) => Environment.GetEnvironmentVariable(name)?.Trim().ToLowerInvariant() ?? "";

    private static ServerlessException Wrong(string name, string text, string fix) => new(ErrorCodes.Environment, $"{name} is '{text}'.", fix);
}
