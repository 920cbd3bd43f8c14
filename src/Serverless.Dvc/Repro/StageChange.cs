namespace Serverless.Dvc.Repro;

internal enum ChangeOf
{
    Command,
    Dep,
    Param,
    Out,
    Always,

    /// <summary>The definition in a .dvc file.</summary>
    Pointer,
}

/// <summary>A difference from the lock.</summary>
/// <param name="Of">The kind of object.</param>
/// <param name="Path">The displayed file or folder.</param>
/// <param name="State">DVC's word: `modified`, `deleted`, `new`, `not in cache`.</param>
/// <param name="Key">The parameter; null for its whole file.</param>
/// <param name="Detail">The old and new value of a parameter.</param>
internal sealed record StageChange(ChangeOf Of, string Path, string State, string? Key = null, string? Detail = null)
{
    public override string ToString() =>
        Of switch
        {
            ChangeOf.Command => "the command changed",
            ChangeOf.Always => State,
            ChangeOf.Pointer => "its definition changed",
            ChangeOf.Param when Key is null => $"parameters of {Path}: {State}",
            ChangeOf.Param => $"parameter {Key} of {Path}: {State}{Detail}",
            ChangeOf.Dep => $"dependency {Path}: {State}",
            _ => $"output {Path}: {State}",
        };
}
