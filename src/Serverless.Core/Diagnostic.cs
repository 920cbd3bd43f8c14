namespace Serverless.Core;

/// <summary>A finding in a file that a person wrote: where it is, what is wrong, and how to fix it.</summary>
public sealed record Diagnostic(string File, int Line, string Message, string? Fix = null)
{
    public override string ToString() =>
        (Line > 0 ? $"{File}:{Line}: {Message}" : $"{File}: {Message}") + (Fix is null ? "" : $" Fix: {Fix}");
}
