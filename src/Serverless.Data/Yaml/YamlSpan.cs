using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Serverless.Data.Yaml;

/// <summary>The location of a value in its text. Only block maps and lists have parts; anything else is replaced as a whole.</summary>
internal sealed class YamlSpan
{
    public required int Start { get; init; }

    public int End { get; private set; }

    /// <summary>Gets the column of a map's keys, or of a list's dashes.</summary>
    public int Column { get; private init; }

    /// <summary>Gets the locations of a map's keys.</summary>
    public List<(int Start, int End)> Keys { get; } = [];

    /// <summary>Gets the values of a map or list.</summary>
    public List<YamlSpan> Parts { get; } = [];

    /// <summary>Gets a value that is false for what cannot be edited in parts: flow style, aliases, merged maps, tags.</summary>
    public bool IsBlock { get; private set; }

    public static YamlSpan Of(string text)
    {
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        parser.Consume<DocumentStart>();
        return Node(parser, text, 0);
    }

    private static YamlSpan Node(Parser parser, string text, int keyColumn)
    {
        var at = parser.Current!;
        var start = Index(at.Start);
        switch (at)
        {
            case MappingStart { Style: not MappingStyle.Flow } map:
                return Map(parser, text, map);
            case SequenceStart { Style: not SequenceStyle.Flow } list:
                return List(parser, text, list, keyColumn);
            case MappingStart or SequenceStart:
                var depth = 0;
                do
                {
                    depth += parser.Current!.NestingIncrease;
                    at = parser.Current;
                    parser.MoveNext();
                } while (depth > 0);
                // The parser's mark may be before the closing bracket.
                var close = Index(at.End);
                return new YamlSpan { Start = start, End = close < text.Length && text[close] is '}' or ']' ? close + 1 : close };
            default:
                parser.MoveNext();
                var end = Math.Max(start, Index(at.End));
                while (end > start && text[end - 1] is '\n' or '\r' or ' ')
                {
                    end--;
                }

                return new YamlSpan { Start = start, End = end };
        }
    }

    private static YamlSpan Map(Parser parser, string text, MappingStart map)
    {
        parser.MoveNext();
        var column = parser.Current is { } first ? Column0(first.Start) : 0;
        var span = new YamlSpan
        {
            Start = Index(map.Start),
            End = Index(map.Start),
            Column = column,
            IsBlock = map.Anchor.IsEmpty && map.Tag.IsEmpty,
        };
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            span.IsBlock &=
                parser.Current is Scalar { Tag.IsEmpty: true, Anchor.IsEmpty: true } key
                && !(key is { Value: "<<", Style: ScalarStyle.Plain });
            var keySpan = Node(parser, text, column);
            span.IsBlock &= !text.AsSpan(0, keySpan.Start).TrimEnd(' ').EndsWith("?");
            span.Keys.Add((keySpan.Start, keySpan.End));
            span.Parts.Add(Node(parser, text, column));
            span.End = Math.Max(span.Parts[^1].End, keySpan.End + 1);
        }

        return span;
    }

    private static YamlSpan List(Parser parser, string text, SequenceStart list, int keyColumn)
    {
        parser.MoveNext();
        var span = new YamlSpan
        {
            Start = Index(list.Start),
            End = Index(list.Start),
            IsBlock = list.Anchor.IsEmpty && list.Tag.IsEmpty,
            Column = text.AsSpan(Index(list.Start)) is ['-', ..] ? Column0(list.Start) : keyColumn,
        };
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            span.Parts.Add(Node(parser, text, span.Column));
            span.End = span.Parts[^1].End;
        }

        return span;
    }

    private static int Index(Mark mark) => Convert.ToInt32(mark.Index, CultureInfo.InvariantCulture);

    private static int Column0(Mark mark) => Convert.ToInt32(mark.Column, CultureInfo.InvariantCulture) - 1;
}
