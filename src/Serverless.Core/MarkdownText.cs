namespace Serverless.Core;

/// <summary>Escapes text for Markdown.</summary>
public static class MarkdownText
{
    /// <summary>Escapes a table cell: a cell is one line, and `|` ends it.</summary>
    public static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
