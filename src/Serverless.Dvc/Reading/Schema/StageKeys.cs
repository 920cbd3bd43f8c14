namespace Serverless.Dvc.Reading.Schema;

/// <summary>The allowed keys.</summary>
internal static class StageKeys
{
    public static readonly string[] Top = ["stages", "vars", "params", "metrics", "plots", "artifacts", "datasets"];

    public static readonly string[] Dvc =
    [
        "cmd",
        "wdir",
        "deps",
        "params",
        "vars",
        "outs",
        "metrics",
        "plots",
        "frozen",
        "always_changed",
        "desc",
        "meta",
    ];

    /// <summary>The keys that DVC does not have.</summary>
    public static readonly string[] Own = ["uses", "with", "when", "retry", "timeout", "resources", "approval", "finally", "env"];

    public static readonly string[] All = [.. Dvc, .. Own];

    public static readonly string[] WithMatrix = [.. All, "matrix"];

    public static readonly string[] Foreach = ["foreach", "do"];

    public static readonly string[] Out = ["cache", "persist", "checkpoint", "remote", "push", "desc", "type", "labels", "meta"];

    public static readonly string[] PlotOut = [.. Out, "template", "x", "y", "x_label", "y_label", "title", "header"];

    public static readonly string[] Plot = ["x", "y", "x_label", "y_label", "title", "template"];

    public static readonly string[] Artifact = ["path", "desc", "type", "labels", "meta"];

    public static readonly string[] Retry = ["attempts", "backoff", "factor", "max_backoff"];

    public static readonly string[] Resources = ["cpu", "memory", "gpu", "image"];

    public static readonly string[] Approval = ["message", "role", "deadline"];
}
