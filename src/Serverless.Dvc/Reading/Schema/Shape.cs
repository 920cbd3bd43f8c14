using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Dvc.Reading.Templating;

namespace Serverless.Dvc.Reading.Schema;

/// <summary>A location in the file in DVC's notation: `data['stages']['a']['deps'][0]`.</summary>
internal readonly record struct Place(string Text, string Owner)
{
    public Place Key(string key) => this with { Text = $"{Text}['{key}']" };

    public Place Item(int index) => this with { Text = $"{Text}[{index}]" };
}

/// <summary>Checks the kinds of values. Messages use both DVC's wording and ours.</summary>
internal sealed class Shape(Findings findings, bool allowsTemplates)
{
    public void Wrong(Place place, string key, DataNode value, string expected, string dvc, string? fix = null) =>
        findings.Add(
            Errors.Validation,
            $"'{key}' of {place.Owner} must be {expected}, but is {Describe(value)} ({dvc} @ {place.Text})",
            value.Line,
            fix ?? $"Use {expected}."
        );

    public bool Text(Place place, string key, DataNode value)
    {
        if (value.Kind == DataKind.Text)
        {
            return true;
        }

        Wrong(
            place,
            key,
            value,
            "text",
            "expected str",
            value is DataScalar and not { Kind: DataKind.Null } ? $"Quote it: '{PythonText.Str(value)}'." : null
        );
        return false;
    }

    public void Bool(Place place, string key, DataNode value)
    {
        if (value.Kind != DataKind.Bool && !IsTemplate(value))
        {
            Wrong(place, key, value, "true or false", "expected bool", Near(value));
        }
    }

    public void TextList(Place place, string key, DataNode value)
    {
        foreach (var (item, i) in List(place, key, value))
        {
            Text(place.Item(i), key, item);
        }
    }

    /// <summary>Returns the items with their positions; none if it is not a list.</summary>
    public IEnumerable<(DataNode Item, int Index)> List(Place place, string key, DataNode value)
    {
        if (value is DataList { Kind: DataKind.List } list)
        {
            return list.Items.Select((item, i) => (item, i));
        }

        if (!IsTemplate(value))
        {
            Wrong(place, key, value, "a list", "expected a list", value.AsText is { } text ? $"Use [{text}]." : null);
        }

        return [];
    }

    public DataMap? Map(Place place, string key, DataNode value)
    {
        if (value is DataMap map)
        {
            return map;
        }

        if (!IsTemplate(value))
        {
            Wrong(place, key, value, "a map", "expected a dictionary");
        }

        return null;
    }

    /// <summary>Checks that every key is a known one.</summary>
    public void Keys(Place place, DataMap map, IReadOnlyCollection<string> known, string? fix = null)
    {
        foreach (var entry in map.Entries)
        {
            var key = PythonText.Str(entry.Key);
            if (entry.Key.Kind != DataKind.Text || !known.Contains(key))
            {
                findings.Add(
                    Errors.Validation,
                    $"unknown key '{key}' in {place.Owner} (extra keys not allowed @ {place.Key(key).Text})",
                    entry.Key.Line,
                    NearestName.Hint(key, known, fix ?? $"Allowed keys: {string.Join(", ", known)}.")
                );
            }
        }
    }

    public void Missing(Place place, string key, int line, string fix) =>
        findings.Add(Errors.Validation, $"{place.Owner} has no '{key}' (required key not provided @ {place.Key(key).Text})", line, fix);

    // A value that is substituted later is checked then. DVC's own keys permit that only for text.
    private bool IsTemplate(DataNode value) => allowsTemplates && value.AsText is { } text && Expression.In(text).Count > 0;

    private static string? Near(DataNode value) =>
        value.AsText?.ToLowerInvariant() switch
        {
            "yes" or "on" or "y" => "Use true. In YAML 1.2 this is text.",
            "no" or "off" or "n" => "Use false. In YAML 1.2 this is text.",
            _ => null,
        };

    private static string Describe(DataNode value) =>
        value switch
        {
            DataMap => "a map",
            DataList => "a list",
            { IsNull: true } => "empty",
            _ => $"{PythonText.Repr(value)} ({value.TypeName})",
        };
}
