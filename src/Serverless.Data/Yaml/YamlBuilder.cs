using System.Globalization;
using Serverless.Data.Values;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Serverless.Data.Yaml;

/// <summary>Builds values from the parser's events.</summary>
internal sealed class YamlBuilder(Parser parser, bool plainTexts)
{
    // Deeper files attack the stack; more repeated values are attacks with aliases of aliases.
    private const int DepthLimit = 100;
    private const int AliasLimit = 100_000;

    // As Python's int(): a number of a million digits is an attack on the time it takes to read one.
    private const int LongestNumber = 4300;

    private readonly Dictionary<string, (DataNode? Node, int Size)> anchors = new(StringComparer.Ordinal);
    private int aliased;
    private int built;

    public DataNode Document()
    {
        parser.Consume<StreamStart>();
        if (parser.TryConsume<StreamEnd>(out _))
        {
            return DataScalar.Null();
        }

        parser.Consume<DocumentStart>();
        var root = Node(0);
        parser.Consume<DocumentEnd>();
        return parser.Accept<DocumentStart>(out var second)
            ? throw new YamlException(second.Start, second.End, "expected a single document in the stream, but found another document")
            : root;
    }

    private DataNode Node(int depth)
    {
        var start = parser.Current ?? throw new YamlException("the document ends too early");
        if (depth > DepthLimit)
        {
            throw new YamlException(start.Start, start.End, $"values are nested more than {DepthLimit} deep");
        }

        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            return Alias(alias);
        }

        var before = built++;
        var anchor = parser.Current is NodeEvent { Anchor: { IsEmpty: false } name } ? name.Value : null;
        if (anchor is not null)
        {
            anchors[anchor] = default;
        }

        DataNode node = parser.Current switch
        {
            Scalar => ReadScalar(),
            SequenceStart => ReadSequence(depth),
            MappingStart => ReadMapping(depth),
            _ => throw new YamlException(start.Start, start.End, "expected a value"),
        };
        if (anchor is not null)
        {
            anchors[anchor] = (node, built - before);
        }

        return node;
    }

    private DataNode Alias(AnchorAlias alias)
    {
        if (!anchors.TryGetValue(alias.Value.Value, out var anchor))
        {
            throw new YamlException(alias.Start, alias.End, $"found undefined alias '{alias.Value.Value}'");
        }

        aliased += anchor.Size;
        built += anchor.Size;
        return anchor.Node is null
                ? throw new YamlException(
                    alias.Start,
                    alias.End,
                    $"the alias '{alias.Value.Value}' occurs inside the value that it refers to"
                )
            : aliased > AliasLimit ? throw new YamlException(alias.Start, alias.End, $"aliases repeat more than {AliasLimit} values")
            : anchor.Node.At(LineOf(alias));
    }

    private DataScalar ReadScalar()
    {
        var scalar = parser.Consume<Scalar>();
        var line = LineOf(scalar);
        var text = scalar.Value;
        if (scalar.Tag.IsEmpty)
        {
            return scalar.Style != ScalarStyle.Plain || text.Length > LongestNumber ? DataScalar.Text(text, line)
                : YamlScalars.Plain(text, line) is var value && plainTexts && !value.IsNull ? DataScalar.Text(text, line)
                : value;
        }

        if (text.Length > LongestNumber && scalar.Tag.Value is "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float")
        {
            throw new YamlException(scalar.Start, scalar.End, $"a number has more than {LongestNumber} characters");
        }

        return scalar.Tag.Value switch
            {
                "!" or "tag:yaml.org,2002:str" => DataScalar.Text(text, line),
                "tag:yaml.org,2002:null" => DataScalar.Null(line),
                "tag:yaml.org,2002:int" => YamlScalars.Int(text, line),
                "tag:yaml.org,2002:float" => YamlScalars.Float(text, line) ?? Widened(YamlScalars.Int(text, line)),
                "tag:yaml.org,2002:bool" => YamlScalars.Plain(text, line) is { Kind: DataKind.Bool } b ? b : null,
                "tag:yaml.org,2002:timestamp" => YamlScalars.Timestamp(text, line),
                "tag:yaml.org,2002:binary" => Binary(text, line),
                _ => throw Unknown(scalar.Tag, scalar),
            }
            ?? throw new YamlException(
                scalar.Start,
                scalar.End,
                $"'{text}' is not a {scalar.Tag.Value.Replace("tag:yaml.org,2002:", "!!", StringComparison.Ordinal)}"
            );
    }

    private DataList ReadSequence(int depth)
    {
        var start = parser.Consume<SequenceStart>();
        Known(start, "seq");
        var items = new List<DataNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Node(depth + 1));
        }

        return new DataList(items, LineOf(start));
    }

    private DataMap ReadMapping(int depth)
    {
        var start = parser.Consume<MappingStart>();
        Known(start, "map");
        var own = new List<DataEntry>();
        var keys = new Dictionary<(DataKind, object), DataScalar>();
        var merged = new List<DataMap>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var at = parser.Current!;
            var isMerge = at is Scalar { Value: "<<", Style: ScalarStyle.Plain, Tag.IsEmpty: true };
            if (Node(depth + 1) is not DataScalar key)
            {
                throw new YamlException(at.Start, at.End, "a key must be a single value, not a list or a map");
            }

            var value = Node(depth + 1);
            if (isMerge)
            {
                merged.AddRange(Merged(value, at));
            }
            else if (!keys.TryAdd(Identity(key), key))
            {
                throw new YamlException(
                    at.Start,
                    at.End,
                    $"found duplicate key \"{PythonText.Str(key)}\" (first on line {keys[Identity(key)].Line})"
                );
            }
            else
            {
                own.Add(new DataEntry(key, value));
            }
        }

        return new DataMap(merged.Count == 0 ? own : Join(merged, own), LineOf(start));
    }

    // `<<: *a` or `<<: [*a, *b]`: the map's own keys take precedence, then those of earlier maps.
    private static List<DataEntry> Join(List<DataMap> merged, List<DataEntry> own)
    {
        var ownByKey = own.ToDictionary(e => Identity(e.Key));
        var (result, seen) = (new List<DataEntry>(), new HashSet<(DataKind, object)>());
        foreach (var entry in merged.SelectMany(m => m.Entries))
        {
            if (seen.Add(Identity(entry.Key)))
            {
                result.Add(ownByKey.GetValueOrDefault(Identity(entry.Key)) ?? entry);
            }
        }

        result.AddRange(own.Where(o => !seen.Contains(Identity(o.Key))));
        return result;
    }

    /// <summary>Equal for keys that match.</summary>
    private static (DataKind, object) Identity(DataScalar key) => (key.Kind, key.Value ?? "");

    private static IEnumerable<DataMap> Merged(DataNode value, ParsingEvent at) =>
        value switch
        {
            DataMap map => [map],
            DataList list when list.Items.All(i => i is DataMap) => list.Items.Cast<DataMap>(),
            _ => throw new YamlException(at.Start, at.End, "expected a map or a list of maps for merging"),
        };

    private static DataScalar? Widened(DataScalar? whole) =>
        whole?.Value is System.Numerics.BigInteger value ? DataScalar.Float((double)value, whole.Line) : null;

    private static DataScalar? Binary(string text, int line)
    {
        try
        {
            return DataScalar.Bytes(Convert.FromBase64String(text), line);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static void Known(NodeEvent start, string name)
    {
        if (!start.Tag.IsEmpty && start.Tag.Value != "!" && start.Tag.Value != "tag:yaml.org,2002:" + name)
        {
            throw Unknown(start.Tag, start);
        }
    }

    private static YamlException Unknown(TagName tag, ParsingEvent at) =>
        new(at.Start, at.End, $"could not determine a constructor for the tag '{tag.Value}'");

    private static int LineOf(ParsingEvent at) => Convert.ToInt32(at.Start.Line, CultureInfo.InvariantCulture);
}
