namespace Serverless.Core;

/// <summary>One finding in a file that a person wrote: where it is, what is wrong, what would be right.</summary>
public sealed record Diagnostic(string File, int Line, string Message, string? Fix = null)
{
    public override string ToString() =>
        (Line > 0 ? $"{File}:{Line}: {Message}" : $"{File}: {Message}") + (Fix is null ? "" : $" Fix: {Fix}");
}
