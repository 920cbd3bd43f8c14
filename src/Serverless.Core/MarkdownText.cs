namespace Serverless.Core;

/// <summary>Text inside of Markdown.</summary>
public static class MarkdownText
{
    /// <summary>A cell of a table is one line, and `|` ends it.</summary>
    public static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
