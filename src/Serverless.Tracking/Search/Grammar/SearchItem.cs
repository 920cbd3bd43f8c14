namespace Serverless.Tracking.Search.Grammar;

/// <summary>The lexer makes the first eleven, the grouper the others.</summary>
internal enum ItemKind
{
    /// <summary>A bare word or one in backticks.</summary>
    Name,

    /// <summary>In double quotes: a key or a value, by its place.</summary>
    Symbol,

    /// <summary>In single quotes.</summary>
    Text,
    Number,

    /// <summary><c>= != &lt; …</c>, LIKE, ILIKE, with NOT before or without.</summary>
    Comparator,
    Keyword,

    /// <summary>ASC or DESC.</summary>
    Order,

    /// <summary><c>timestamp</c> is the name of a type in SQL, so it is no name here.</summary>
    Timestamp,
    Operator,
    Punctuation,
    Other,
    Identifier,
    Parenthesis,
    Function,
    Operation,
    Comparison,
    List,
}

internal readonly record struct SearchToken(ItemKind Kind, int Start, int End);

/// <summary>A token, or tokens that belong together, as a span of the filter's text.</summary>
internal sealed record SearchItem(ItemKind Kind, string Source, int Start, int End)
{
    public string Value => Source[Start..End];

    /// <summary>Of a comparison: the two sides and what is between them.</summary>
    public (SearchItem Left, string Comparator, SearchItem Right)? Sides { get; init; }

    /// <summary>Of an identifier: where the words begin that follow the name itself, such as DESC.</summary>
    public int NameEnd { get; init; } = End;

    public SearchItem With(ItemKind kind) => this with { Kind = kind };

    /// <summary>From the first item to the last, with the blanks between.</summary>
    public static SearchItem Join(ItemKind kind, SearchItem first, SearchItem last) => new(kind, first.Source, first.Start, last.End);

    public bool Is(string word) =>
        Kind is ItemKind.Keyword or ItemKind.Punctuation
        && Source.AsSpan(Start, End - Start).Equals(word, StringComparison.OrdinalIgnoreCase);
}
